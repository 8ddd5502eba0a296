"""What goes wrong in the shop's records."""

from __future__ import annotations


class StoreError(ValueError):
    """The shop's data cannot serve a request; the message says what, where and what to do."""


class DatabaseUnavailable(StoreError):
    """The database cannot be written just now; pages say only that, the log says where and why."""
