"""Open a database to change its tables, as the only process that does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from store.errors import StoreError

#: A process that finds the database being migrated waits this long.
_WAIT_S: Final = 60
#: PostgreSQL's advisory lock while the tables change: "fitting" in ASCII, any number would do.
_LOCK: Final = 0x66697474696E67


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, None for another kind.

    Raises:
        StoreError: The address is none.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # not chained: it quotes the address with its password
        raise StoreError(
            "database.url is not an SQLAlchemy address; leave it empty for SQLite, or write "
            "postgresql+psycopg://USER:PASSWORD@HOST/NAME ('@' in a password as %40, '/' as %2F)."
        ) from None
    if parsed.get_backend_name() != "sqlite":
        return None
    if parsed.database in (None, "", ":memory:"):
        raise StoreError("database.url names no file; use sqlite:///PATH.")
    return Path(parsed.database)


def engine_for(url: str) -> Engine:
    """Return an engine that begins its transactions where it is told to."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    options = {"connect_args": {"timeout": _WAIT_S}} if sqlite else {}
    engine = create_engine(url, poolclass=NullPool, **options)
    if not sqlite:
        return engine

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver begins transactions too late for BEGIN IMMEDIATE, and not before tables
        # change. Foreign keys stay unchecked: a table is altered by copying and dropping it.
        connection.isolation_level = None

    return engine


@contextmanager
def locked(url: str) -> Iterator[Connection]:
    """Open a transaction that keeps others from migrating; committed at the end."""
    engine = engine_for(url)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection, connection.begin():
        if not sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_S}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Convert errors of the driver to one with a remedy and without the address."""
    where = sqlite_file(url) or "database.url"
    try:
        yield
    except DatabaseError as error:
        cause = " ".join(f"{error.orig}".split())
        if "locked" in cause or "lock timeout" in cause:
            raise StoreError(
                f"{where}: another process is changing the database. Wait until it has ended "
                "and start again."
            ) from error
        advice = (
            "Restore a copy: fittingroom database restore FILE."
            if "malformed" in cause or "not a database" in cause
            else "Check that it is there, that its folder is writable and the disk is not full."
        )
        raise StoreError(f"{where}: cannot open the database ({cause}). {advice}") from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"database.url needs a driver that is not installed ({error}); for PostgreSQL: "
            "pip install 'fittingroom[postgres]', and begin it with postgresql+psycopg://"
        ) from error
