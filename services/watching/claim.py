"""The lock of the one server that runs a site's watchers."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from store import StoreError

_FOLDER: Final = "run"
_SECOND_SERVER: Final = (
    " and watches its cameras; two would count everybody twice. Stop that server first, or start "
    "this one with --no-watchers."
)
_DATABASE_CHANGES: Final = ". Stop it first: it uses the database that this command replaces."


class SiteClaim:
    """The exclusive right to run a site's watchers; the system releases it with the process."""

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing is locked before `take`."""
        self._folder = folder / _FOLDER
        self._note = self._folder / "serve.json"
        self._lock = FileLock(self._folder / "serve.lock", thread_local=False)

    def take(self, advice: str = _SECOND_SERVER) -> None:
        """Acquire the lock without waiting.

        Args:
            advice: End of the message if a server holds the lock: what would go wrong, what to do.

        Raises:
            StoreError: A server has it, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(exist_ok=True)
            self._lock.acquire(timeout=0)
            about = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
            self._note.write_text(json.dumps(about), encoding="utf-8")
        except Timeout as error:
            raise StoreError(
                f"{self._folder.parent}: {self._describe_owner()} serves this site already{advice}"
            ) from error
        except OSError as error:
            self._lock.release()
            raise StoreError(
                f"{self._folder}: cannot be written ({error.strerror}); "
                "check the folder's owner and the free space of the disk."
            ) from error

    def release(self) -> None:
        """Release the lock."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    def _describe_owner(self) -> str:
        try:
            about: dict[str, Any] = json.loads(self._note.read_text(encoding="utf-8"))
            since = datetime.fromtimestamp(about["since"]).isoformat(" ", "minutes")
            return f"process {about['pid']} on {about['host']} (since {since})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"


@contextmanager
def hold_site(folder: Path) -> Iterator[None]:
    """Hold a site's lock while its database is replaced.

    A server that was started with --no-watchers holds no lock and is not noticed.

    Raises:
        StoreError: A server runs.
    """
    claim = SiteClaim(folder)
    claim.take(_DATABASE_CHANGES)
    try:
        yield
    finally:
        claim.release()
