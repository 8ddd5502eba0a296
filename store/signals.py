"""The journal of sensors at the rooms: changes alone, each once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.sensor import Signal
from store import journal
from store.journal import SIGNAL
from store.schema import JournalEntry


def write_signal(session: Session, signal: Signal) -> int | None:
    """Write a signal to the journal; one that repeats the sensor's last state is not written.

    Servers that share a database each receive what a broker sends, and sensors repeat themselves.

    Args:
        session: A write transaction.
        signal: The signal.

    Returns:
        The journal id, or None where it was not written.
    """
    if _last_state(session, signal.room, signal.states) == signal.state:
        return None
    payload = {"state": signal.state}
    entry = journal.append(session, signal.time, SIGNAL, signal.room, payload)
    return entry.id if entry else None


def _last_state(session: Session, room: str, states: Sequence[str]) -> str | None:
    state = JournalEntry.payload["state"].as_string()
    query = select(state).where(
        JournalEntry.room == room, JournalEntry.kind == SIGNAL, state.in_(states)
    )
    return session.scalar(query.order_by(JournalEntry.id.desc()).limit(1))


def signals_of(session: Session, room: str, since: float) -> list[Signal]:
    """Read the signals of a room's sensors from a time on, in the order in which they came."""
    query = select(JournalEntry.time, JournalEntry.payload).where(
        JournalEntry.room == room, JournalEntry.kind == SIGNAL, JournalEntry.time >= since
    )
    rows = session.execute(query.order_by(JournalEntry.id))
    return [Signal(row.time, room, row.payload["state"]) for row in rows]


def rooms_with_signals(session: Session, since: float) -> set[str]:
    """Name the rooms whose sensors reported something from a time on."""
    query = select(JournalEntry.room).where(JournalEntry.kind == SIGNAL, JournalEntry.time >= since)
    return set(session.scalars(query.distinct()))
