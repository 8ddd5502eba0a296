"""What goes wrong between a camera and a crossing."""

from __future__ import annotations


class VisionError(ValueError):
    """A source cannot be read; the message says what, where and what to do."""
