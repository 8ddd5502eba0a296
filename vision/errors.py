"""Errors of the pipeline."""

from __future__ import annotations

from typing import ClassVar

from common.errors import FittingroomError


class VisionError(FittingroomError):
    """A source cannot be read; the message says what, where and what to do."""

    status: ClassVar[int] = 409
