"""The base of every error that has something to say to people."""

from __future__ import annotations

from typing import ClassVar


class FittingroomError(ValueError):
    """An error that users can correct; the message says what, where and what to do.

    Attributes:
        status: HTTP status of an API's answer.
        exit_code: Exit code of a command.
    """

    status: ClassVar[int] = 400
    exit_code: ClassVar[int] = 2


class InputError(FittingroomError):
    """A given file cannot be read or has the wrong format."""


class SettingsError(FittingroomError):
    """A site's folder is none, or its settings are wrong."""
