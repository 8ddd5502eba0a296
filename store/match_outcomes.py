"""Which matches of a camera were right: shoppers and staff said so, or used them as they were."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store import journal
from store.schema import Feedback, Request, Visit, VisitItem


@dataclass(frozen=True)
class MatchOutcome:
    """The probability of a match, before a correction by its camera, and whether it was right."""

    probability: float
    correct: bool


def match_outcomes(session: Session, camera: str, model: str) -> list[MatchOutcome]:
    """Read the matches of a camera of which it is known whether they were right.

    They are of ended visits. A garment that a person named (by a tag, a correction, a choice) is
    known. An accepted one that no one put right counts as right only in a visit in which the
    screen was used: elsewhere no one may have looked.

    Args:
        session: A session of the shop.
        camera: The camera's name.
        model: The embedder's short name; probabilities of other weights mean something else.
    """
    corrected = journal.payloads(session, "visit.corrected")
    named = {payload["item"] for payload in corrected}
    scanned = journal.payloads(session, "visit.scanned")
    used = {payload["visit"] for payload in (*corrected, *scanned)}
    used |= set(session.scalars(select(Request.visit_id).distinct()))
    opened = select(Feedback.visit_id).where(Feedback.kind != "shown").distinct()
    used |= set(session.scalars(opened))
    query = (
        select(VisitItem)
        .join(Visit, Visit.id == VisitItem.visit_id)
        .where(
            VisitItem.camera == camera,
            VisitItem.model == model,
            VisitItem.nearest_id.is_not(None),
            VisitItem.colourway_id.is_not(None),
            VisitItem.state != "not_mine",
            Visit.closed_at.is_not(None),
        )
        .order_by(VisitItem.id)
    )
    return [
        MatchOutcome(item.base_probability, item.colourway_id == item.nearest_id)
        for item in session.scalars(query)
        if item.id in named or item.visit_id in used
    ]


def forget_outcomes(session: Session) -> None:
    """Forget what garments were matched by, at all cameras; their corrections end with it."""
    nothing = {"camera": "", "model": "", "base_probability": 0.0, "nearest_id": None}
    session.execute(update(VisitItem).values(nothing))
