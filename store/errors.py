"""What goes wrong in the shop's records."""

from __future__ import annotations

from typing import ClassVar

from common.errors import FittingroomError


class StoreError(FittingroomError):
    """The shop's data cannot serve a request; the message says what, where and what to do."""

    status: ClassVar[int] = 409


class DatabaseUnavailable(StoreError):
    """The database cannot be written just now; pages say only that, the log says where and why."""

    status: ClassVar[int] = 503
