"""Ctrl-C and SIGTERM end a command in order: files are closed, transactions rolled back."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final, NoReturn

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


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


def stop_on_signals() -> None:
    """Raise `Stopped` in the main thread on the first signal; a second one ends at once."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` and `&` set it
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    _received.append(number)
    raise Stopped(number)


def received() -> Stopped | None:
    """Return the stop that a signal asked for in this process, None before any signal."""
    return Stopped(_received[0]) if _received else None
