"""The command line. JSON goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from typing import Any, Final, NoReturn

from cli.safe_exit import safe_exit
from cli.signals import Stopped, leave_to_parent, received, stop_on_signals

_MAIN: Final = "MainProcess"

# A worker of a command imports this when it starts; multiprocessing is loaded there.
if (loaded := sys.modules.get("multiprocessing")) and loaded.current_process().name != _MAIN:
    leave_to_parent()


def main(arguments: list[str] | None = None) -> Any:
    """Run a command.

    Args:
        arguments: Its words; those of this process if not given.

    Returns:
        Nothing: it ends in `SystemExit` with the exit code, 2 for bad input, 130 after Ctrl-C and
        143 after SIGTERM.
    """
    if arguments is not None:
        return _run(arguments)
    with safe_exit():
        stop_on_signals()  # before imports that take a second
        return _run(None)


def _run(arguments: list[str] | None) -> Any:
    try:
        from cli.program import run

        return run(arguments)
    except Stopped as stop:
        _end(stop)
    except Exception:
        # Raised while a module in C is imported, `Stopped` arrives as that module's ImportError.
        if (stop_asked := received()) is None:
            raise
        _end(stop_asked)


def _end(stop: Stopped) -> NoReturn:
    if shown := sys.modules.get("common.progress"):
        shown.end_all()
    notes = getattr(stop, "__notes__", [])  # what was kept, and how to go on
    sys.stderr.write(" ".join(["fittingroom: stopped.", *notes]) + "\n")
    sys.exit(stop.exit_code)


__all__ = ["main"]
