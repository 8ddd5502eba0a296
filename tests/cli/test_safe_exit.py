"""The exit code of a command whose threads still run."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from cli.safe_exit import safe_exit

class Aborts:  # in Python's teardown, as a C++ library does where its thread is unwound
    def __init__(self):
        import os
        self.abort = os.abort

    def __del__(self):
        self.abort()

with safe_exit():
    import atexit
    atexit.register(print, "tidied up")
    print("said")
    if {threads}:
        held = Aborts()
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    {ending}
"""


@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize(
    ("ending", "code"),
    [("pass", 0), ("sys.exit()", 0), ("sys.exit(3)", 3), ("sys.exit('wrong')", 1), ("1 / 0", 1)],
)
def test_threads_that_still_run_change_nothing(ending: str, code: int, threads: bool) -> None:
    program = PROGRAM.format(ending=ending, threads=threads)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert done.stdout == "said\ntidied up\n"
    assert ("ZeroDivisionError" in done.stderr) == ("/" in ending)
