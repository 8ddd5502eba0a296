"""Alembic's entry point: run the migrations on one connection."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, engine_from_config, pool

from store.schema import Base


def _migrate(connection: Connection) -> None:
    # Batch mode: SQLite alters a table by copying it.
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


# `store.migrate` passes the connection that holds the lock; Alembic's own command passes none.
given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    section = context.config.get_section(context.config.config_ini_section, {})
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as opened:
        _migrate(opened)
