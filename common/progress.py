"""Progress of long work: a bar on a terminal, a line now and then where output is piped."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO, TypeVar
from weakref import WeakSet

from tqdm import tqdm

T = TypeVar("T")

_LINE_EVERY_S: Final = 10.0
_LINE: Final = "{desc}: {n_fmt} of {total_fmt} {unit}s, {elapsed} elapsed, {remaining} remaining"

_open: WeakSet[tqdm[Any]] = WeakSet()


class _Lines:
    """Writes what a bar would overwrite as lines of their own."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        if line := text.strip():
            self._file.write(line + "\n")
            self._file.flush()

    def flush(self) -> None:
        self._file.flush()


def progress(
    items: Iterable[T] | None = None, total: int | None = None, desc: str = "", **options: Any
) -> tqdm[T]:
    """Show on standard error how far some work is: at its start, its end, and in between.

    Args:
        items: What is worked on; None where the caller counts with `update`.
        total: How many, if it cannot be asked.
        desc: What is being done.
        options: Further ones of tqdm: `unit`, `initial`, `leave`.
    """
    if sys.stderr.isatty():
        options |= {"file": sys.stderr, "mininterval": 0.5}
    else:
        known = total is not None or hasattr(items, "__len__")
        options |= {"file": _Lines(sys.stderr), "mininterval": _LINE_EVERY_S, "leave": True}
        options |= {"bar_format": _LINE if known else None}
    shown: tqdm[T] = tqdm(items, desc=desc, total=total, **options)  # type: ignore[assignment]
    _open.add(shown)
    return shown


def end_all() -> None:
    """Show how far each work came that was broken off, before a command's last line.

    A bar is closed when its loop is freed: after a signal, only once its message is printed.
    """
    for shown in list(_open):
        shown.close()
