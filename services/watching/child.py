"""A watcher process from the server's side: heartbeats, last message, exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from services.watching.parent import ALIVE

#: How long a watcher may take to end in order.
_GRACE_S: Final = 10.0
_LINES: Final = 40
#: A busy machine may take this long to start a process.
_FIRST_BEAT_S: Final = 30.0


def watch_command(folder: Path, camera: str) -> list[str]:
    """Return the command that watches a camera for this server.

    Python's `-P` keeps the current folder, often the shop's, off the import path: a `cli.py` or
    `models.py` there would otherwise be imported instead of the program's.
    """
    command = [sys.executable, "-P", "-m", "cli", "watch", camera, "--site", str(folder)]
    return [*command, "--server", str(os.getpid())]


class Child:
    """One running watcher."""

    def __init__(
        self, command: Sequence[str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Start it.

        Raises:
            OSError: It cannot be started.
        """
        self._monotonic = monotonic
        self.started = monotonic()
        self._beat_at = self.started + _FIRST_BEAT_S
        self._deadline: float | None = None
        # Its own session: Ctrl-C at the terminal reaches this process, which stops it.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._errors: deque[str] = deque(maxlen=_LINES)
        self._readers = [
            threading.Thread(target=read, args=(pipe,), name=f"read-{self.pid}", daemon=True)
            for read, pipe in (
                (self._read_heartbeats, self._process.stdout),
                (self._read_errors, self._process.stderr),
            )
        ]
        for reader in self._readers:
            reader.start()

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def silent_s(self) -> float:
        """Seconds since its last heartbeat."""
        return self._monotonic() - self._beat_at

    @property
    def last_error(self) -> str:
        """The last line it wrote on standard error; empty if it wrote none."""
        lines = [line for line in self._errors if line.strip()]
        return lines[-1].removeprefix("fittingroom: ").strip() if lines else ""

    def terminate(self) -> None:
        """Ask it to end; called again after the grace period, kill it. Returns at once."""
        now = self._monotonic()
        if self._deadline is None:
            self._deadline = now + _GRACE_S
            self._process.terminate()
        elif now > self._deadline:
            self._process.kill()

    @property
    def ending(self) -> bool:
        """Whether it was asked to end."""
        return self._deadline is not None

    def kill(self) -> None:
        """Kill it now, stopped or not."""
        self._process.kill()

    def close(self) -> None:
        """Read the rest of its output and close its pipes, once it has ended."""
        for reader in self._readers:
            reader.join(timeout=2)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _read_heartbeats(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            self._beat_at = self._monotonic()
            text = line.decode(errors="replace")
            if text.strip() != ALIVE:
                sys.stdout.write(text)
                sys.stdout.flush()

    def _read_errors(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            text = line.decode(errors="replace")
            self._errors.append(text.rstrip("\n"))
            sys.stderr.write(text)
            sys.stderr.flush()


def describe_end(code: int) -> tuple[str, str]:
    """Describe how a process ended, as a word for programs and in words for people."""
    if code >= 0:
        return f"exit_{code}", f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return name.lower(), f"was ended by {name}"
