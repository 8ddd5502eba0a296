"""Exit while threads still run, without Python's teardown that would abort the process."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def safe_exit() -> Iterator[None]:
    """Keep the exit code of the body, whatever its daemon threads do at exit.

    Python ends daemon threads by unwinding their stacks. Where one is inside a C++ library, such
    as OpenVINO while it loads a model, that library then aborts the whole process (SIGABRT).
    All other exit handlers still run; enter this before importing anything that registers with
    `atexit`.
    """
    code = 1  # as after an exception that nobody caught

    def _end() -> None:
        # Registered first, so called last: after threads that are waited for, and log files.
        if any(thread.daemon for thread in threading.enumerate()):
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):  # nobody reads it any more
                    stream.flush()
            os._exit(code)

    atexit.register(_end)
    try:
        yield
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        raise
