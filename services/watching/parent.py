"""A watcher started by a server: it sends heartbeats and ends with the server.

Standard input is a pipe from the server: its end means that the server has ended, for whatever
reason. On Linux the kernel also kills the watcher, even a stopped one.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, Final, TextIO

#: The line that is written every second; other lines are crossings.
ALIVE: Final = "alive"
_BEAT_S: Final = 1.0
#: How long an orderly end may take once the server has ended.
_GRACE_S: Final = 5.0
_PR_SET_PDEATHSIG: Final = 1


class ParentMonitor:
    """Ends this process with the server that started it."""

    def __init__(self, server: int, on_gone: Callable[[], None]) -> None:
        """Prepare; nothing happens before `start`.

        Args:
            server: Process id of the server.
            on_gone: Ends this process in order; it is killed a little later.
        """
        self._server, self._on_gone = server, on_gone
        self._thread = threading.Thread(target=self._run, name="parent", daemon=True)

    def start(self) -> None:
        """Start; ends this process at once if the server has already ended."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._server:
            os._exit(0)
        self._thread.start()

    def _run(self) -> None:
        send_heartbeats(sys.stdin.buffer, sys.stdout)
        self._on_gone()
        time.sleep(_GRACE_S)
        os._exit(0)


def send_heartbeats(parent: BinaryIO, out: TextIO, every_s: float = _BEAT_S) -> None:
    """Write heartbeats until the pipe from the parent ends, or they are not read any more."""
    with selectors.DefaultSelector() as selector:
        selector.register(parent, selectors.EVENT_READ)
        while True:
            if selector.select(every_s) and not os.read(parent.fileno(), 64):
                return
            try:
                out.write(ALIVE + "\n")
                out.flush()
            except (OSError, ValueError):
                return
