"""What a process does that opens a database beside others; it imports nothing else."""

from __future__ import annotations

from typing import Any

from store import create_or_upgrade, open_store


def open_together(url: str, together: Any, done: Any) -> None:
    """Open a database once all processes are there; reports an empty text, or the error."""
    together.wait(timeout=60)
    try:
        create_or_upgrade(url)
        open_store(url).close()
        done.put("")
    except Exception as error:
        done.put(repr(error))
