"""The exit of a command: its code, and no teardown that aborts or delays it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from cli.safe_exit import safe_exit

class Aborts:  # in Python's teardown, which frees it; as a C++ library does there
    def __init__(self):
        import os
        self.abort = os.abort

    def __del__(self):
        self.abort()

with safe_exit():
    import atexit
    atexit.register(print, "tidied up")
    print("said")
    held = Aborts()
    if {threads}:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    {ending}
"""


@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize(
    ("ending", "code"),
    [("pass", 0), ("sys.exit()", 0), ("sys.exit(3)", 3), ("sys.exit('wrong')", 1), ("1 / 0", 1)],
)
def test_exit_handlers_run_and_no_teardown(ending: str, code: int, threads: bool) -> None:
    program = PROGRAM.format(ending=ending, threads=threads)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert done.stdout == "said\ntidied up\n"
    assert ("ZeroDivisionError" in done.stderr) == ("/" in ending)
