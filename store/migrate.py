"""The database's tables: making them, bringing them up to date, and going back.

A migration runs in one transaction that also holds the lock: a process that is killed leaves the
database as it was, and of two that open it at once one migrates while the other waits.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import Connection, inspect, text

from common.files import new_file
from store import backup, scrub
from store.errors import StoreError
from store.locking import engine_for, explained, locked, sqlite_file

if TYPE_CHECKING:  # Alembic takes long to import, and most of the store does without it
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = logging.getLogger("fittingroom.database")

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
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


def current_revision(url: str) -> str | None:
    """Read which tables a database has; None for one without any.

    Raises:
        StoreError: It is missing, damaged, not ours, or cannot be reached.
    """
    if path := sqlite_file(url):
        backup.check_file(path)
    with explained(url), engine_for(url).connect() as connection:
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
    with explained(url), locked(url) as connection:
        revision = _revision(connection)
        if revision == head():
            return
        _require_known(revision)
        if revision is not None:
            _copy_first(path, revision, when)
        _run("upgrade", connection, "head")
    if path is not None and revision is not None and revision < _MASKED:
        with explained(url):
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
    with explained(url), locked(url) as connection:
        current = _revision(connection)
        _require_known(current)
        if current is None or known.index(revision) > known.index(current):
            raise StoreError(f"The database is at revision {current}; {revision} is not earlier.")
        if current != revision:
            _copy_first(path, current, when)
            _run("downgrade", connection, revision)
    return current


def back_up(url: str, when: datetime | None = None) -> Path:
    """Copy the database into `backups` next to it.

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
            with explained(url), locked(url) as connection:
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
