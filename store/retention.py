"""Delete data whose retention period has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from store import audit, throttle
from store.inventory import CHANGES
from store.journal import LEARNED
from store.schema import (
    Feedback,
    JournalEntry,
    KnownDevice,
    Login,
    Request,
    Sale,
    Screen,
    TakeAlong,
    Visit,
    VisitItem,
)

_DAY_S: Final = 24 * 3600.0
#: A screen that no one let in is forgotten after this.
_WAITING_S: Final = _DAY_S
#: A browser in which no one has logged in for this long is no longer known.
_DEVICE_S: Final = 400 * _DAY_S


@dataclass(frozen=True)
class Purged:
    """How much was deleted."""

    visits: int
    journal: int
    others: int


def purge(session: Session, now: float, keep_days: int) -> Purged:
    """Delete data that is older than the settings allow, and expired data.

    What a page or a watcher still goes by stays: the events that show whether the catalogue has
    changed.

    Args:
        session: A write transaction.
        now: Seconds since the epoch.
        keep_days: `privacy.keep_days` of the settings.
    """
    before = now - keep_days * _DAY_S
    old = select(Visit.id).where(Visit.closed_at < before)
    for table in (VisitItem, Request, Feedback):
        session.execute(delete(table).where(table.visit_id.in_(old)))
    visits = _count(session.execute(delete(Visit).where(Visit.closed_at < before)))
    journal = session.execute(
        delete(JournalEntry).where(
            JournalEntry.time < before, JournalEntry.kind.not_in({*CHANGES, LEARNED})
        )
    )
    waiting = Screen.paired_at.is_(None) & (Screen.asked_at < now - _WAITING_S)
    others = [
        delete(Login).where(Login.expires_at < now),
        delete(TakeAlong).where(TakeAlong.expires_at < now),
        delete(Screen).where(waiting),
        delete(Sale).where(Sale.time < before),
        delete(KnownDevice).where(KnownDevice.seen_at < now - _DEVICE_S),
    ]
    audit.purge(session, before)
    throttle.forget(session, now)
    return Purged(visits, _count(journal), sum(_count(session.execute(one)) for one in others))


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
