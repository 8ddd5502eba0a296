"""What goes wrong with learned functions."""

from __future__ import annotations

from typing import ClassVar

from common.errors import FittingroomError


class ModelError(FittingroomError):
    """Weights or data cannot serve; the message says what, where and what to do."""

    status: ClassVar[int] = 500
