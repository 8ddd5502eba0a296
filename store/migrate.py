"""The database's tables: making them, bringing them up to date, and going back.

A migration runs in one transaction that also holds the lock: a process that is killed leaves the
database as it was, and of two that open it at once one migrates while the other waits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from common.files import new_file
from store import backup, scrub
from store.errors import StoreError

if TYPE_CHECKING:  # Alembic takes long to import, and most of the store does without it
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = logging.getLogger("fittingroom.database")

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
#: A process that finds the database being migrated waits this long.
_WAIT_S: Final = 60
#: PostgreSQL's advisory lock while the tables change: "fitting" in ASCII, any number would do.
_LOCK: Final = 0x66697474696E67
#: From this revision on no entry of the journal has a camera's password in it.
_MASKED: Final = "0006"
#: Tables of every version: how a database is known to be ours.
_OURS: Final = frozenset(("alembic_version", "article", "journal"))


def head() -> str:
    """Return the revision of this version's tables."""
    return _script().get_current_head() or ""


def revisions() -> list[str]:
    """List the revisions of this version, oldest first."""
    return [found.revision for found in _script().walk_revisions()][::-1]


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


def current_revision(url: str) -> str | None:
    """Read which tables a database has; None for one without any.

    Raises:
        StoreError: It is missing, damaged, not ours, or cannot be reached.
    """
    if path := sqlite_file(url):
        backup.check_file(path)
    with _explained(url), _engine(url).connect() as connection:
        return _revision(connection)


def create_or_upgrade(url: str, when: datetime | None = None) -> None:
    """Create the database or bring it up to this version's tables; copy it before that.

    Args:
        url: SQLAlchemy address.
        when: Time that the copy is named by; now if not given.

    Raises:
        StoreError: It cannot be opened, copied or written, or is of a newer version.
    """
    path = sqlite_file(url)
    if path is not None and not path.exists():
        _create(path)
        return
    if path is not None:
        backup.check_file(path)
    with _explained(url), _locked(url) as connection:
        revision = _revision(connection)
        if revision == head():
            return
        _require_known(revision)
        if revision is not None:
            _copy_first(path, revision, when)
        _run("upgrade", connection, "head")
    if path is not None and revision is not None and revision < _MASKED:
        with _explained(url):
            scrub.clean_files(path)


def downgrade(url: str, revision: str, when: datetime | None = None) -> str:
    """Take the tables back to those of an earlier version; copy the database before that.

    Args:
        url: SQLAlchemy address.
        revision: The earlier version's.
        when: Time that the copy is named by; now if not given.

    Returns:
        The revision before.

    Raises:
        StoreError: The revision is unknown or no earlier one, or the database cannot be changed.
    """
    path, known = sqlite_file(url), revisions()
    if path is not None:
        backup.check_file(path)
    if revision not in known:
        raise StoreError(f"There is no revision {revision!r}; known: {', '.join(known)}.")
    with _explained(url), _locked(url) as connection:
        current = _revision(connection)
        _require_known(current)
        if current is None or known.index(revision) > known.index(current):
            raise StoreError(f"The database is at revision {current}; {revision} is not earlier.")
        if current != revision:
            _copy_first(path, current, when)
            _run("downgrade", connection, revision)
    return current


def back_up(url: str, when: datetime | None = None) -> Path:
    """Copy the database into `backups` beside it.

    Raises:
        StoreError: It is not SQLite, is damaged, or the disk has not the room.
    """
    path = sqlite_file(url)
    if path is None:
        raise StoreError("The database is no SQLite file; copy it with pg_dump.")
    revision = current_revision(url)
    return backup.back_up(path, revision or "none", when or datetime.now())


def restore(url: str, copy: Path, when: datetime | None = None) -> Path | None:
    """Put a copy in the place of the database; the server must be stopped.

    Returns:
        Where the former database now is, or None where there was none.

    Raises:
        StoreError: The database is not SQLite, or the copy is missing, damaged or not ours.
    """
    path = sqlite_file(url)
    if path is None:
        raise StoreError("The database is no SQLite file; restore it with pg_restore.")
    _require_copy(copy)
    return backup.restore(path, copy, when or datetime.now())


def _require_copy(copy: Path) -> None:
    if not copy.is_file():
        raise StoreError(f"{copy} is a folder." if copy.is_dir() else f"{copy}: no such file.")
    try:
        revision = current_revision(f"sqlite:///{copy}")
    except StoreError as error:
        raise StoreError(
            f"{copy}: no copy of a fittingroom database; nothing was changed."
        ) from error
    _require_known(revision)


def _create(path: Path) -> None:
    try:
        with new_file(path, replaces=False) as fresh:
            url = f"sqlite:///{fresh}"
            with _explained(url), _locked(url) as connection:
                _run("upgrade", connection, "head")
    except OSError as error:
        raise StoreError(
            f"{path}: the database cannot be made ({error.strerror}). Check that its folder is "
            "there and writable."
        ) from error


def _copy_first(path: Path | None, revision: str, when: datetime | None) -> None:
    if path is None:
        log.warning(
            "the database's tables change from revision %s, in one transaction; a copy of it is "
            "IT's: make one with pg_dump before each update", revision,
        )  # fmt: skip
        return
    copy = backup.back_up(path, revision, when or datetime.now())
    log.info("the tables change from revision %s; the database as it was is %s", revision, copy)


def _require_known(revision: str | None) -> None:
    known = revisions()
    if revision is not None and revision not in known:
        raise StoreError(
            f"The database was made by a newer fittingroom (revision {revision}; this one knows "
            f"up to {known[-1]}). Update this one; or, with the newer one, run: "
            f"fittingroom database downgrade {known[-1]}"
        )


def _revision(connection: Connection) -> str | None:
    tables = {*inspect(connection).get_table_names()}
    if tables >= _OURS:
        from alembic.runtime.migration import MigrationContext

        return MigrationContext.configure(connection).get_current_revision()
    # A schema of PostgreSQL may hold what belongs to others; a file belongs to one.
    if tables & _OURS or (tables and connection.dialect.name == "sqlite"):
        # After a downgrade to nothing, Alembic's own table is left.
        if tables == {"alembic_version"} and not _rows(connection):
            return None
        raise StoreError(
            "database.url leads to a database of another program; nothing was changed. Check it."
        )
    return None


def _rows(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM alembic_version")) or 0)


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _run(step: Literal["upgrade", "downgrade"], connection: Connection, revision: str) -> None:
    from alembic import command

    change = command.upgrade if step == "upgrade" else command.downgrade
    change(_config(connection), revision)


def _engine(url: str) -> Engine:
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
def _locked(url: str) -> Iterator[Connection]:
    """Open a transaction that keeps others from migrating; committed at the end."""
    engine = _engine(url)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection, connection.begin():
        if not sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_S}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


@contextmanager
def _explained(url: str) -> Iterator[None]:
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
