"""Replay a journal: the visits follow from its crossings and from what people did."""

from __future__ import annotations

from collections.abc import Iterable

from common.crossing import Crossing
from common.sensor import Signal
from services.visits.parameters import PARAMETERS, Parameters
from services.visits.recording import record_crossing, record_signal
from store import Session, visits
from store.schema import JournalEntry, Visit


def replay(
    session: Session, entries: Iterable[JournalEntry], parameters: Parameters = PARAMETERS
) -> None:
    """Repeat what a journal says in a shop in which nobody has been yet.

    What was decided is decided again. Only what does not follow from crossings is taken over:
    visits that ended by time or on the screen, tags that were scanned, corrections.

    Args:
        session: A write transaction of that shop, which sells the same articles.
        entries: Of the journal, in the order of their ids.
        parameters: By which visits are inferred.
    """
    for entry in entries:
        payload = entry.payload
        if entry.kind == "crossing":
            key = entry.key or f"replayed/{entry.id}"
            record_crossing(session, Crossing.from_json(payload), key, parameters)
        elif entry.kind == "room.signal":
            record_signal(session, Signal(entry.time, entry.room, payload["state"]))
        elif entry.kind == "visit.closed":
            visit = session.get(Visit, payload["visit"])
            if visit is not None and visit.closed_at is None:
                visits.close_visit(session, visit, entry.time, payload["reason"])
        elif entry.kind == "visit.scanned":
            visits.scan_item(session, entry.room, payload["code"], entry.time)
        elif entry.kind == "visit.corrected":
            item = payload["item"]
            visits.correct_item(session, entry.room, item, payload["sku"], entry.time)
