"""Errors of the learned functions."""

from __future__ import annotations

from typing import ClassVar

from common.errors import FittingroomError


class ModelError(FittingroomError):
    """Weights or training data are missing or invalid."""

    status: ClassVar[int] = 500
