"""Exit without Python's teardown, which takes seconds and may abort the process."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def safe_exit() -> Iterator[None]:
    """Keep the exit code of the body, and exit as soon as all exit handlers have run.

    Python's teardown frees every object and library: with models loaded, that takes seconds. It
    also ends daemon threads by unwinding their stacks. Where one is inside a C++ library, such as
    OpenVINO while it loads a model, that library then aborts the whole process (SIGABRT). Enter
    this before importing anything that registers with `atexit`.
    """
    code = 1  # as after an exception that no one caught

    def _end() -> None:
        # Registered first, so called last: after threads that are waited for, and log files.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # no one reads it any more
                stream.flush()
        os._exit(code)

    atexit.register(_end)
    try:
        yield
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        raise
