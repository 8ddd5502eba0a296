"""Back-off after failures, kept in the database: restarts and other web processes know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.schema import Throttle

#: Pause after the first failure too many; doubles with each further one.
_FIRST_S: Final = 30.0
_LONGEST_S: Final = 15 * 60.0
#: Failures are forgotten after this without another.
FORGOTTEN_S: Final = 24 * 3600.0


@dataclass(frozen=True)
class Subject:
    """What failures are counted for.

    Attributes:
        name: `account:…`, `device:…` or `address:…`.
        free: Failures before the first pause.
    """

    name: str
    free: int


def wait_s(session: Session, subjects: Iterable[Subject], now: float) -> float:
    """Return for how many seconds the subjects have to wait; 0 if none has."""
    names = [subject.name for subject in subjects]
    query = select(Throttle.until).where(Throttle.subject.in_(names))
    return max([0.0, *(min(until - now, _LONGEST_S) for until in session.scalars(query))])


def count(session: Session, subjects: Iterable[Subject], now: float) -> float:
    """Count a failure for each subject, before it is known to be one.

    Counting first keeps a hundred attempts at the same moment from passing together; `forgive`
    takes it back where the attempt was right.

    Returns:
        Seconds to wait, with nothing counted; 0 if the attempt may be made.
    """
    # In one order, or two transactions would wait for each other's rows.
    ordered = sorted(subjects, key=lambda subject: subject.name)
    rows = [(subject, _row(session, subject.name)) for subject in ordered]
    if (wait := max(min(row.until - now, _LONGEST_S) for _, row in rows)) > 0:
        return wait
    for subject, row in rows:
        recent = row.failures if now - row.last_at < FORGOTTEN_S else 0
        row.failures, row.last_at = recent + 1, now
        row.until = now + _pause_s(row.failures - subject.free)
    return 0.0


def forgive(session: Session, subjects: Iterable[Subject], entirely: bool) -> None:
    """Take back the failure that `count` noted, or all failures."""
    for subject in subjects:
        row = _row(session, subject.name)
        row.failures = 0 if entirely else max(0, row.failures - 1)
        row.until = 0.0


def forget(session: Session, now: float) -> None:
    """Delete what no longer counts."""
    session.execute(delete(Throttle).where(Throttle.last_at < now - FORGOTTEN_S))


def _pause_s(too_many: int) -> float:
    return 0.0 if too_many < 0 else min(_FIRST_S * 2.0 ** min(too_many, 10), _LONGEST_S)


def _row(session: Session, name: str) -> Throttle:
    """Return a subject's row, locked until the transaction ends."""
    query = select(Throttle).where(Throttle.subject == name).with_for_update()
    row = session.scalar(query)
    if row is None:
        try:
            with session.begin_nested():
                session.add(Throttle(subject=name, failures=0, last_at=0.0, until=0.0))
        except IntegrityError:
            pass  # another process made it just now
        row = session.scalars(query).one()
    return row
