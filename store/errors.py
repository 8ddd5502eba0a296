"""Errors of the store."""

from __future__ import annotations

from typing import ClassVar, Final

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from common.errors import FittingroomError


class StoreError(FittingroomError):
    """The shop's data does not allow a request."""

    status: ClassVar[int] = 409


class NotFound(StoreError):
    """The shop's data has nothing of this number, SKU or tag."""

    status: ClassVar[int] = 404


class DatabaseUnavailable(StoreError):
    """The database cannot be written just now; pages say only that, the log says where and why."""

    status: ClassVar[int] = 503


class DatabaseBusy(DatabaseUnavailable):
    """Another write holds the database for longer than was waited."""


#: Whatever a database raises, ours and the library's.
DATABASE_ERRORS: Final = (StoreError, SQLAlchemyError)
#: Those of them that say that the database itself is full, locked or gone.
DATABASE_DOWN: Final = OperationalError
