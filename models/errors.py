"""What goes wrong with learned functions."""

from __future__ import annotations


class ModelError(ValueError):
    """Weights or data cannot serve; the message says what, where and what to do."""
