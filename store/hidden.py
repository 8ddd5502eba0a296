"""Visits that no screen shows although their end was not seen: they go on or end soon."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from store import journal, requests
from store.schema import Feedback, Request, Visit, VisitItem
from store.visits import close_visit, current_visit


def hidden_since(session: Session) -> dict[int, float]:
    """Return since when visits are hidden, in seconds since the epoch, by their ids."""
    query = select(Visit).where(Visit.closed_at.is_(None), Visit.hidden_at.is_not(None))
    return {visit.id: visit.hidden_at or 0.0 for visit in session.scalars(query)}


def hidden_visit(session: Session, room: str) -> Visit | None:
    """Return the room's visit that is hidden, and may yet go on."""
    query = select(Visit).where(
        Visit.room == room, Visit.closed_at.is_(None), Visit.hidden_at.is_not(None)
    )
    return session.scalar(query.options(selectinload(Visit.items)).order_by(Visit.id.desc()))


def hide_visit(
    session: Session, visit: Visit, time: float, probability: float, evidence: str = ""
) -> None:
    """Hide a visit from its screen: a person went in who may be the next shopper.

    Args:
        session: A write transaction.
        visit: The visit.
        time: Seconds since the epoch.
        probability: That it was the next shopper.
        evidence: What sensors contribute to it.
    """
    visit.hidden_at = time
    payload = {"visit": visit.id, "reason": "next", "probability": float(f"{probability:.2g}")}
    payload |= {"evidence": evidence} if evidence else {}
    journal.append(session, time, "visit.hidden", visit.room, payload)


def resume_visit(session: Session, hidden: Visit, brief: Visit, time: float) -> None:
    """Show a hidden visit again: who came in between was no shopper.

    Garments left by the brief visit move to the visit that goes on; the brief visit is deleted.
    """
    kept = [item for item in brief.items if item.state != "out"]
    for item in kept:
        item.visit_id = hidden.id
    session.flush()
    requests.cancel_all(session, brief, time)
    _delete_visit(session, brief)
    hidden.hidden_at, hidden.touched_at = None, time
    session.flush()
    session.expire(hidden, ["items"])
    payload = {"visit": hidden.id, "reason": "staff"}
    journal.append(session, time, "visit.resumed", hidden.room, payload)


def close_hidden_visits(session: Session, hidden: Mapping[int, float], time: float) -> int:
    """End hidden visits that did not go on; `hidden` is as `hidden_since` returned them."""
    query = select(Visit).where(Visit.id.in_(list(hidden)), Visit.closed_at.is_(None))
    ended = [visit for visit in session.scalars(query) if visit.hidden_at == hidden[visit.id]]
    for visit in ended:
        close_visit(session, visit, time, "next")
    return len(ended)


def forget_visit(session: Session, number: int, time: float) -> None:
    """Delete a visit that came from a recording which was played as a camera."""
    visit = session.get(Visit, number)
    if visit is None:
        return
    if visit.closed_at is None:
        close_visit(session, visit, time, "recording")
    _delete_visit(session, visit)
    hidden = hidden_visit(session, visit.room)
    if hidden is not None and current_visit(session, visit.room) is None:
        hidden.hidden_at = None  # who went in was in the recording alone
        payload = {"visit": hidden.id, "reason": "recording"}
        journal.append(session, time, "visit.resumed", hidden.room, payload)


def _delete_visit(session: Session, visit: Visit) -> None:
    """Delete a visit with all that belongs to it."""
    for table in (VisitItem, Request, Feedback):
        session.execute(delete(table).where(table.visit_id == visit.id))
    session.flush()
    session.expire(visit)
    session.delete(visit)
    session.flush()
