"""Alembic's entry point: run the migrations on one connection."""

from __future__ import annotations

from alembic import context
from sqlalchemy import engine_from_config, pool

from store.schema import Base

config = context.config
section = config.get_section(config.config_ini_section, {})
engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
with engine.connect() as connection:
    # Batch mode: SQLite alters a table by copying it.
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
