"""Opening the shop's database, and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from common.redact import redact
from store.errors import DatabaseBusy, DatabaseUnavailable
from store.migrate import create_or_upgrade, current_revision, head

#: How long a write waits for another one to end.
_PATIENCE_MS: Final = 10_000


class Store:
    """The shop's database.

    SQLite runs in WAL mode: readers never wait, writers queue for up to ten seconds.
    """

    def __init__(self, url: str) -> None:
        """Open a database by its SQLAlchemy address; nothing is read yet."""
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one state of the database and writes nothing."""
        with _open_session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction: committed at the end, rolled back on any error.

        Raises:
            DatabaseUnavailable: The database cannot be written (read-only, full, locked).
        """
        try:
            with (
                self.engine.connect().execution_options(immediate=True) as connection,
                connection.begin(),
                _open_session(connection) as session,
            ):
                yield session
                session.flush()
        except OperationalError as error:
            raise DatabaseUnavailable(
                f"{redact(self.url)}: the database cannot be written ({error.orig}). "
                "Check that the site folder is writable and the disk is not full."
            ) from error

    def check_writable(self, patience_ms: int) -> None:
        """Write to the database, and change nothing.

        Args:
            patience_ms: How long to wait for another write to end.

        Raises:
            DatabaseBusy: Another write holds it.
            DatabaseUnavailable: It cannot be written; the message does not say where it is.
        """
        with self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                _commit_a_page(connection.connection.driver_connection, patience_ms)
            elif connection.execute(text("SELECT pg_is_in_recovery()")).scalar():
                raise DatabaseUnavailable("It is read-only.")

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _commit_a_page(connection: Any, patience_ms: int) -> None:
    connection.execute(f"PRAGMA busy_timeout={patience_ms}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version={version}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        kind = DatabaseBusy if "locked" in str(error) else DatabaseUnavailable
        raise kind(f"It cannot be written: {error}") from error
    finally:
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")


@contextmanager
def _open_session(bind: Engine | Connection, **options: Any) -> Iterator[Session]:
    """Open a session that keeps its objects alive until it has let go of them.

    Articles and their colourways refer to each other, so only the garbage collector frees
    them. Where CPython 3.11 does that while `Session.close` gives the same object's state its
    dictionary, SQLAlchemy's weakref callback makes a second one of the same memory, and the
    process dies of it some objects later. 3.12 collects between instructions only.
    """
    with Session(bind, **options) as session:
        try:
            yield session
        finally:
            alive = list(session)
            session.close()
            del alive


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=32)
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={_PATIENCE_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write transaction that starts by reading would deadlock with another one.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def open_store(url: str) -> Store:
    """Open an existing database; one of an earlier version is copied and brought up to date.

    Raises:
        StoreError: It is missing, damaged, not ours or of a newer version.
    """
    if current_revision(url) != head():
        create_or_upgrade(url)
    return Store(url)
