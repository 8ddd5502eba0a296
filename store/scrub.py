"""Mask credentials in what older versions wrote to the journal, and leave no trace in the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from common.redact import redact_all
from store import backup

_JOURNAL = sa.table("journal", sa.column("id", sa.Integer), sa.column("payload", sa.JSON))


def mask_journal(connection: Connection) -> int:
    """Mask credentials in the journal's payloads, in the caller's transaction.

    Args:
        connection: To a database of any version that has a journal.

    Returns:
        How many entries were changed.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    holds_address = sa.cast(_JOURNAL.c.payload, sa.Text).like("%://%")
    query = sa.select(_JOURNAL.c.id, _JOURNAL.c.payload).where(holds_address)
    changed = [
        (number, masked)
        for number, payload in connection.execute(query).all()
        if (masked := redact_all(payload)) != payload
    ]
    for number, masked in changed:
        connection.execute(
            sa.update(_JOURNAL).where(_JOURNAL.c.id == number).values(payload=masked)
        )
    return len(changed)


def clean_files(database: Path) -> None:
    """Overwrite credentials that were masked but remain in an SQLite file, its log, or its copies.

    Args:
        database: The file, migrated; its copies are masked here.
    """
    with _opened(database) as connection:
        _forget(connection)
    for copy in backup.list_backups(database):
        with _opened(copy) as connection:
            with connection.begin():
                mask_journal(connection)
            _forget(connection)


def _forget(connection: Connection) -> None:
    connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


@contextmanager
def _opened(path: Path) -> Iterator[Connection]:
    """Open an SQLite file on which no transaction begins by itself."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
