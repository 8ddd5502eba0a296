"""Writing files whole or not at all."""

from __future__ import annotations

import atexit
import glob
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

#: Files that this process is writing; a signal may end it at any instruction.
_unfinished: Final[set[Path]] = set()


@contextmanager
def new_file(path: Path, replaces: bool = True, suffix: str = ".new") -> Iterator[Path]:
    """Yield a name next to a file to write to; at the end, what was written becomes the file.

    After an error, a signal or the end of the process, the file is as it was and nothing is left
    next to it. What a killed process left goes when the same file is next written.

    Args:
        path: The file; its folder exists.
        replaces: Whether it replaces a file that another process made meanwhile.
        suffix: What the name ends in; a library may choose the format by it.

    Raises:
        OSError: It cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{suffix}")
    _unfinished.add(fresh)
    try:
        _remove_leftovers(path, suffix)
        _remove(fresh)
        yield fresh
        _rename(fresh, path, replaces)
    finally:
        _remove(fresh)
        _unfinished.discard(fresh)


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file under another name and rename it: half of it is never seen.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    with new_file(path) as fresh:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)


def _rename(fresh: Path, path: Path, replaces: bool) -> None:
    if replaces:
        os.replace(fresh, path)
        return
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(fresh, path)


def _remove(fresh: Path) -> None:
    """Delete a file and what a library made next to it, such as the log of a database."""
    for part in fresh.parent.glob(f"{glob.escape(fresh.name)}*"):
        part.unlink(missing_ok=True)


def _remove_leftovers(path: Path, suffix: str) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{suffix}*"):
        owner = re.match(r"\d+", left.name.removeprefix(f".{path.name}."))
        if owner and not _runs(int(owner[0])):
            left.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove_unfinished() -> None:
    for fresh in list(_unfinished):
        with suppress(OSError):
            _remove(fresh)


atexit.register(_remove_unfinished)
os.register_at_fork(after_in_child=_unfinished.clear)  # they are the parent's
