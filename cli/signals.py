"""Ctrl-C and SIGTERM stop a command in order: files are closed, transactions rolled back."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Final, NoReturn

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_AGAIN_S: Final = 0.05


class Stopped(BaseException):
    """A signal asked the command to end. No `Exception`, so that nothing goes on in spite of it."""

    def __init__(self, number: int) -> None:
        """Take the signal's number."""
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """What a shell reports for a program that this signal ended."""
        return 128 + self.number


_received: list[int] = []


def leave_to_parent() -> None:
    """Let the command that started this process end it: ignore Ctrl-C, end at once on SIGTERM.

    A terminal sends Ctrl-C to all processes of a command. Its workers would each print a traceback
    while it ends them.
    """
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def stop_on_signals() -> None:
    """Raise `Stopped` in the main thread on the first signal; a second one ends at once."""
    command = os.getpid()

    def _stop_command(number: int, _frame: FrameType | None) -> None:
        if os.getpid() == command:
            _stop(number)
        leave_to_parent()  # a worker that was forked just now, before the line below was run in it
        signal.raise_signal(number)

    _interrupt_waiting()
    os.register_at_fork(after_in_child=leave_to_parent)
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` and `&` set it
            signal.signal(number, _stop_command)
    sys.unraisablehook = _raise_again


def _interrupt_waiting() -> None:
    """Let a thread interrupt what the main thread waits for until it has handled a signal.

    Python runs handlers in the main thread, between two instructions. A signal that arrives just
    before the main thread waits for a lock, or in another thread, would be handled when that wait
    ends: never, where a killed worker should have ended it.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGUSR1, lambda _number, _frame: None)  # to be interrupted by
    main = threading.main_thread().ident or 0

    def _interrupt() -> None:
        while os.read(reading, 1)[0] not in _SIGNALS:
            pass
        while not _received:
            signal.pthread_kill(main, signal.SIGUSR1)
            time.sleep(_AGAIN_S)

    threading.Thread(target=_interrupt, name="signals", daemon=True).start()


def _stop(number: int) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    _received.append(number)
    raise Stopped(number)


def _raise_again(ignored: sys.UnraisableHookArgs) -> None:
    """Raise `Stopped` once more where Python had to ignore it, as in a `__del__`."""
    stopped = ignored.exc_value
    if not isinstance(stopped, Stopped):
        sys.__unraisablehook__(ignored)
        return

    def _stop_now(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Stopped(stopped.number)

    signal.signal(signal.SIGALRM, _stop_now)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)


def received() -> Stopped | None:
    """Return the stop that a signal asked for in this process, None before any signal."""
    return Stopped(_received[0]) if _received else None
