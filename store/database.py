"""Opening the shop's database, bringing it up to date, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from store.errors import StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"


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
            StoreError: The database cannot be written (read-only, full, locked).
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
            raise StoreError(
                f"{self.url}: the database cannot be written ({error.orig}). "
                "Check that the site folder is writable and the disk is not full."
            ) from error

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


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
            "busy_timeout=10000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write transaction that starts by reading would deadlock with another one.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _cannot_open(url: str, error: DatabaseError) -> StoreError:
    return StoreError(
        f"{url}: cannot open the database ({error.orig}). Check that it is a fittingroom "
        "database and that its folder is there and writable."
    )


def create_or_upgrade(url: str) -> None:
    """Create the database or bring it up to this version's tables.

    Raises:
        StoreError: It cannot be opened or written, or is of a newer version.
    """
    try:
        command.upgrade(_config(url), "head")
    except (OperationalError, DatabaseError) as error:
        raise _cannot_open(url, error) from error
    except Exception as error:
        if "Can't locate revision" in str(error):
            raise StoreError(f"{url}: made by a newer fittingroom; update this one.") from error
        raise


def open_store(url: str) -> Store:
    """Open an existing database.

    Raises:
        StoreError: It is missing, unreadable or of another version.
    """
    store = Store(url)
    head = ScriptDirectory.from_config(_config(url)).get_current_head()
    if (
        store.engine.dialect.name == "sqlite"
        and not Path(store.engine.url.database or "").is_file()
    ):
        raise StoreError(
            f"{store.engine.url.database}: no database; make one with fittingroom init."
        )
    try:
        with store.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except (OperationalError, DatabaseError) as error:
        raise _cannot_open(url, error) from error
    if current != head:
        store.close()
        create_or_upgrade(url)
        store = Store(url)
    return store
