"""Copies of an SQLite database: before an update, by command, and back again."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from common.files import new_file
from store.errors import StoreError

#: Copies that are kept; an older one is deleted when a new one is whole.
KEPT: Final = 3
#: Free space wanted in addition to the copy and the update, which may write every table once more.
_MARGIN: Final = 16 * 2**20
_HEADER: Final = b"SQLite format 3\x00"


def check_file(path: Path) -> None:
    """Check that a file can be a database, before SQLite touches it.

    SQLite takes an empty file for a new database and deletes the write-ahead log next to it.

    Raises:
        StoreError: It is missing, a folder, empty or something else.
    """
    if path.is_dir():
        raise StoreError(f"{path} is a folder, not a database. Check database.url.")
    if not path.exists():
        raise StoreError(f"{path}: no database; make one with fittingroom init.")
    try:
        with path.open("rb") as file:
            start = file.read(len(_HEADER))
    except OSError as error:
        raise StoreError(f"{path}: the database cannot be read ({error.strerror}).") from error
    if not start:
        raise StoreError(
            f"{path}: the database is empty (0 bytes); its contents are lost. Restore the newest "
            f"copy: fittingroom database restore FILE, with a FILE from {folder_of(path)} or your "
            "backup. To begin anew, delete the file and run fittingroom init."
        )
    if start != _HEADER:
        raise StoreError(
            f"{path}: this is not a fittingroom database. Check database.url, or restore a copy: "
            "fittingroom database restore FILE."
        )


def folder_of(database: Path) -> Path:
    """Return the folder of a database's copies, `backups` next to it."""
    return database.parent / "backups"


def list_backups(database: Path) -> list[Path]:
    """List a database's copies, newest first."""
    named = re.compile(re.escape(database.stem) + r"-[0-9a-z]+-(\d{8}-\d{6}(?:-\d+)?)\.db")
    folder = folder_of(database)
    found = {
        path: match[1] for path in folder.glob("*.db") if (match := named.fullmatch(path.name))
    }
    return sorted(found, key=lambda path: found[path], reverse=True)


def back_up(database: Path, revision: str, when: datetime) -> Path:
    """Copy a database while others may read and write it; keep the newest three copies.

    Args:
        database: The file.
        revision: Of its tables; part of the copy's name.
        when: Time that the copy is named by.

    Returns:
        The copy: whole, checked, readable by its owner only.

    Raises:
        StoreError: The disk has not the room, or the database is damaged.
    """
    folder = folder_of(database)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _require_room(database, folder)
        copy = _free_name(folder, f"{database.stem}-{revision}-{when:%Y%m%d-%H%M%S}")
        _copy(database, copy)
        for old in list_backups(database)[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder}: the database cannot be copied ({error.strerror}). Nothing was changed."
        ) from error
    return copy


def restore(database: Path, copy: Path, when: datetime) -> Path | None:
    """Put a copy in the place of a database; the server must be stopped.

    Returns:
        Where the former database now is, or None where there was none.

    Raises:
        StoreError: The copy is damaged, or cannot be put there.
    """
    try:
        with new_file(database) as fresh:
            _copy(copy, fresh)
            return _put_aside(database, when)
    except OSError as error:
        raise StoreError(f"{database}: cannot be restored ({error.strerror}).") from error


def _put_aside(database: Path, when: datetime) -> Path | None:
    if not database.exists():
        return None
    aside = _free_name(database.parent, f"{database.stem}-replaced-{when:%Y%m%d-%H%M%S}")
    # The log goes first: without it the former database is older, never mixed with the copy.
    for suffix in ("-wal", "-shm", ""):
        part = Path(f"{database}{suffix}")
        if part.exists():
            os.replace(part, f"{aside}{suffix}")
    return aside


def _free_name(folder: Path, stem: str) -> Path:
    numbered = (folder / f"{stem}{f'-{n}' if n else ''}.db" for n in range(1000))
    return next(path for path in numbered if not path.exists())


def _require_room(database: Path, folder: Path) -> None:
    parts = (database, Path(f"{database}-wal"))
    size = sum(part.stat().st_size for part in parts if part.exists())
    free, needed = shutil.disk_usage(folder).free, 2 * size + _MARGIN
    if free < needed:
        raise StoreError(
            f"{folder}: the disk has {free / 2**20:.0f} MB free, but copying and updating the "
            f"database takes {needed / 2**20:.0f} MB. Make room and start again; nothing was "
            "changed."
        )


def _copy(database: Path, copy: Path) -> None:
    try:
        with new_file(copy) as fresh:
            os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with (
                closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)) as old,
                closing(sqlite3.connect(fresh)) as new,
            ):
                old.backup(new)
                new.execute("PRAGMA journal_mode=DELETE")
                if (verdict := new.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                    raise sqlite3.DatabaseError(verdict)
            with fresh.open("rb") as file:
                os.fsync(file.fileno())
    except sqlite3.DatabaseError as error:
        cause = " ".join(str(error).split())
        raise StoreError(
            f"{database}: the database is damaged ({cause}) and cannot be copied. Nothing was "
            "changed. Restore an earlier copy: fittingroom database restore FILE."
        ) from error
