"""The journal: one append-only table of events, the bus of the whole shop."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.redact import redact_all
from store.schema import JournalEntry

#: Keys of crossings that were played from a recording begin with this; no figure counts them.
RECORDING_KEY = "recording/"
#: Views were learned; cameras load the gallery again.
LEARNED = "gallery.learned"
#: It is not certain that a visit goes on: a person whose visit is not known came out.
DOUBTED = "visit.doubted"
#: A sensor at a room reported a change.
SIGNAL = "room.signal"
#: Staff clear a room: the next trip into it is theirs.
CLEARING = "room.clearing"


def append(
    session: Session,
    time: float,
    kind: str,
    room: str,
    payload: dict[str, Any],
    key: str | None = None,
) -> JournalEntry | None:
    """Append an event in the caller's transaction.

    Args:
        session: The transaction that also changes what the event reports.
        time: Seconds since the epoch.
        kind: What happened, `crossing` or `request.taken` say.
        room: The room it concerns, or empty.
        payload: JSON of the event; credentials in its addresses are masked.
        key: Makes it happen once: a second event with the same key is not written.

    Returns:
        The entry with its id, or None where the key stood already.
    """
    if key is not None and session.scalar(select(JournalEntry.id).where(JournalEntry.key == key)):
        return None
    entry = JournalEntry(time=time, kind=kind, room=room, payload=redact_all(payload), key=key)
    session.add(entry)
    session.flush()
    return entry


def after(session: Session, last_id: int, limit: int = 500) -> Sequence[JournalEntry]:
    """Read the events behind an id, in order."""
    query = select(JournalEntry).where(JournalEntry.id > last_id)
    return session.scalars(query.order_by(JournalEntry.id).limit(limit)).all()


def payloads(session: Session, kind: str, start: float = 0.0) -> list[dict[str, Any]]:
    """Read the payloads of one kind of event, from a time on in seconds since the epoch."""
    query = select(JournalEntry.payload).where(
        JournalEntry.kind == kind, JournalEntry.time >= start
    )
    return list(session.scalars(query))


def latest(session: Session, names: Collection[str], since: float) -> dict[str, JournalEntry]:
    """Return each room's newest event of these kinds from a time on, by room."""
    newest = (
        select(func.max(JournalEntry.id))
        .where(JournalEntry.kind.in_(sorted(names)), JournalEntry.time >= since)
        .group_by(JournalEntry.room)
    )
    found = session.scalars(select(JournalEntry).where(JournalEntry.id.in_(newest)))
    return {entry.room: entry for entry in found}


def last_id(session: Session) -> int:
    """Return the newest event's id, 0 in an empty journal."""
    return session.scalar(select(func.max(JournalEntry.id))) or 0


def with_prefix(session: Session, prefix: str) -> Sequence[JournalEntry]:
    """List the events whose key begins with a prefix, in order."""
    query = select(JournalEntry).where(JournalEntry.key.startswith(prefix, autoescape=True))
    return session.scalars(query.order_by(JournalEntry.id)).all()
