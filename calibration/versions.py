"""Previous versions of a camera's file, numbered and never changed."""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from common.files import new_file
from common.toml import update_toml


@dataclass(frozen=True)
class Version:
    """A kept version of a camera's file; `saved_at` in seconds since the epoch."""

    number: int
    saved_at: float


def version_path(path: Path, number: int) -> Path:
    """Return where a version of the file at `path` lies."""
    return path.parent / "history" / path.stem / f"{number:04d}.toml"


def list_versions(path: Path) -> list[Version]:
    """List the previous versions of the file at `path`, newest first."""
    files = version_path(path, 0).parent.glob("[0-9]*.toml")
    found = [Version(int(p.stem), p.stat().st_mtime) for p in files if p.stem.isdigit()]
    return sorted(found, key=lambda version: -version.number)


def keep_version(path: Path) -> None:
    """Keep the file at `path` as its newest version, with the time it was saved at."""
    known = list_versions(path)
    kept = version_path(path, known[0].number + 1 if known else 1)
    kept.parent.mkdir(parents=True, exist_ok=True)
    _write(kept, path.read_bytes(), path.stat().st_mtime)


def rename_versions(path: Path, new: Path) -> None:
    """Keep the versions of the file at `path` as those of the file at `new`, under its name."""
    folder, fresh = version_path(path, 0).parent, version_path(new, 0).parent
    if not folder.is_dir():
        return
    for version in list_versions(path):
        kept = version_path(path, version.number)
        try:
            text = kept.read_text(encoding="utf-8")
            data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue  # bringing it back reports that it is broken
        renamed = update_toml(text, {**data, "name": new.stem})
        _write(kept, renamed.encode(), version.saved_at)
    if not (fresh.exists() and fresh.samefile(folder)):
        shutil.rmtree(fresh, ignore_errors=True)  # of a camera that was removed by hand
    os.replace(folder, fresh)


def _write(path: Path, content: bytes, saved_at: float) -> None:
    with new_file(path) as fresh:
        fresh.write_bytes(content)
        os.utime(fresh, (saved_at, saved_at))
