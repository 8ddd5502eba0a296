"""How long shoppers stayed in the rooms."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.schema import JournalEntry, Visit

#: Stays that are read, of the latest days.
_MOST: Final = 200
_DAYS_S: Final = 14 * 86400.0


def recent_stays(session: Session, now: float) -> list[float]:
    """List how long the latest visits lasted whose shopper was seen to leave, in seconds.

    Others ended some time before the shop knew it.
    """
    ended = select(JournalEntry.payload).where(
        JournalEntry.kind == "visit.closed", JournalEntry.time >= now - _DAYS_S
    )
    latest = session.scalars(ended.order_by(JournalEntry.id.desc()).limit(2 * _MOST))
    seen_out = [payload["visit"] for payload in latest if payload.get("reason") == "left"][:_MOST]
    query = select(Visit.opened_at, Visit.closed_at).where(Visit.id.in_(seen_out))
    return [row.closed_at - row.opened_at for row in session.execute(query) if row.closed_at]
