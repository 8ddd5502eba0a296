"""Record crossings and sensors' signals: the journal's entry, and what it changes.

Each is one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from common.crossing import Crossing, GarmentMatch
from common.sensor import Signal
from services.visits.gates import Waiting, find_waiting, was_brought_before, was_seen_before
from services.visits.model import (
    Decision,
    Inside,
    Scene,
    decide,
    decide_signals,
    is_of_staff,
    is_repeated,
)
from services.visits.parameters import PARAMETERS, Parameters
from services.visits.returns import Ended, Origin
from store import Session, claims, crossings, journal, left_behind, signals, staff_trips, visits
from store import hidden as hidden_visits
from store.pairing import ARTICLE, CANDIDATE, CATEGORY, count_pairs, pair_garments
from store.schema import Visit, VisitItem
from store.visits import Returns

#: Crossings so long before one may be the same, seen by another camera.
_LOOK_BACK_S: Final = 60.0
#: So long ago a shopper may have left who comes back.
_LOOK_BACK_FOR_TRIPS_S: Final = 600.0
#: Crossings of so long a time say how many exits cameras miss.
_COUNTED_S: Final = 86400.0


def record_crossing(
    session: Session, crossing: Crossing, key: str, parameters: Parameters = PARAMETERS
) -> int | None:
    """Write a crossing once and change the visit it belongs to.

    Args:
        session: A write transaction.
        crossing: What happened, its time in seconds since the epoch.
        key: The same crossing has the same key and is written once.
        parameters: By which visits are inferred. Staff are no shoppers (`staff_trips`).

    Returns:
        The journal id, or None where this crossing was written before.
    """
    cleared = staff_trips.is_cleared(session, crossing)
    number = crossings.write_crossing(session, crossing, key)
    if number is None:
        return None
    if not crossing.room:
        _cross_shared_gate(session, crossing, number, parameters)
    elif cleared:
        _follow_staff(session, crossing, number, parameters)
    else:
        _infer(session, crossing, number, parameters)
    return number


def _cross_shared_gate(
    session: Session, crossing: Crossing, number: int, parameters: Parameters
) -> None:
    """Follow a crossing of a gate to several rooms; of two gates in a row it counts once."""
    earlier = crossings.crossings_since(session, crossing.time - _LOOK_BACK_S, number)
    same_gate = [other for other in earlier if not other.room and other.rooms == crossing.rooms]
    repeated = is_repeated(same_gate, crossing, parameters)
    if repeated or was_seen_before(earlier, crossing, parameters):
        return
    if crossing.staff:
        staff_trips.record_trip(session, crossing)
    else:
        crossings.cross_shared_gate(session, crossing)


def _join_gates(session: Session, crossing: Crossing, number: int, parameters: Parameters) -> None:
    """Let a person who goes into a room have what she carried through the gate before."""
    visit = visits.current_visit(session, crossing.room)
    found = {one.id: one for one in claims.waiting_for(session, [crossing.room])}
    if visit is None or not found:
        return
    waiting = [
        Waiting(
            one.id,
            one.opened_at,
            *(count_pairs(crossing.garments, one.items, least) for least in (CATEGORY, CANDIDATE)),
        )
        for one in found.values()
    ]
    earlier = crossings.crossings_since(session, crossing.time - _LOOK_BACK_S, number)
    same = find_waiting(waiting, earlier, crossing, parameters)
    if same is not None:
        claims.join(session, found[same.visit], visit, crossing, same.whole)


def _follow_staff(
    session: Session, crossing: Crossing, number: int, parameters: Parameters
) -> None:
    """Change what staff carried; a trip that two cameras report counts once."""
    since = crossing.time - _LOOK_BACK_S
    earlier = crossings.crossings_since(session, since, number)
    same_gate = [other for other in earlier if other.room == crossing.room]
    repeated = is_repeated(same_gate, crossing, parameters)
    if not repeated and not was_brought_before(earlier, crossing, parameters):
        staff_trips.record_trip(session, crossing)


def record_signal(session: Session, signal: Signal) -> int | None:
    """Write what a sensor reports; it is weighed at the next crossing, and a few seconds later.

    Args:
        session: A write transaction.
        signal: What was reported.

    Returns:
        The journal id, or None where the sensor reported the same state before.
    """
    return signals.write_signal(session, signal)


def over_by_signals(
    session: Session, now: float, parameters: Parameters = PARAMETERS
) -> list[tuple[Visit, Decision]]:
    """List the visits of which sensors say that they are over, though no exit was seen."""
    rooms = sorted(signals.rooms_with_signals(session, now - _LOOK_BACK_S))
    there = visits.open_visits(session, rooms)
    if not there:
        return []
    parameters = _fit(session, now, parameters)
    decided = [
        (visit, decide_signals(_scene(session, visit.room, now, visit), now, parameters))
        for visit in there
    ]
    return [(visit, decision) for visit, decision in decided if decision.act == "close"]


def end_by_signals(session: Session, now: float, parameters: Parameters = PARAMETERS) -> int:
    """End the visits that `over_by_signals` lists, in a write transaction; returns how many."""
    over = over_by_signals(session, now, parameters)
    for visit, decision in over:
        visits.close_visit(session, visit, now, decision.reason)
    return len(over)


def _infer(session: Session, crossing: Crossing, number: int, parameters: Parameters) -> None:
    shown = visits.current_visit(session, crossing.room)
    hidden = hidden_visits.hidden_visit(session, crossing.room)
    scene = _scene(session, crossing.room, crossing.time, shown, hidden, number)
    if is_of_staff(scene, crossing, parameters):
        _follow_staff(session, crossing, number, parameters)
        return
    if shown is not None and crossing.event == "entry":
        parameters = _fit(session, crossing.time, parameters)
    decision = decide(scene, crossing, parameters)
    _apply(session, crossing, decision, shown, hidden)
    if decision.origin is not None:
        _follow(session, crossing, decision.origin, parameters)
    if decision.act in ("open", "join", "hide"):
        _join_gates(session, crossing, number, parameters)


def _fit(session: Session, now: float, parameters: Parameters) -> Parameters:
    """Fit the parameters to what cameras reported lately; who is inside has not come out yet."""
    counted = crossings.count_crossings(session, now - _COUNTED_S, now)
    inside = sum(visit.people for visit in visits.all_open(session))
    entries, exits = counted.get("entry", 0), counted.get("exit", 0)
    return parameters.fitted(max(0, entries - inside), exits)


def _scene(
    session: Session,
    room: str,
    time: float,
    shown: Visit | None,
    hidden: Visit | None = None,
    before: int | None = None,
) -> Scene:
    """Read what is known of a room at a time, but not what was written from an id on."""
    since = min([time, *([shown.opened_at] if shown else [])]) - _LOOK_BACK_S
    written = crossings.crossings_of(session, room, since, before)
    return Scene(
        _inside(shown),
        _inside(hidden),
        [other for other in written if not other.staff],
        signals.signals_of(session, room, since),
        [other for other in written if other.staff],
        _ended(session, time - _LOOK_BACK_FOR_TRIPS_S) if shown is None else (),
    )


def _ended(session: Session, since: float) -> list[Ended]:
    """List the visits that ended lately, the last one of each room."""
    found = {}
    for visit, payload in visits.ended_since(session, since):
        out = [item.colourway for item in visit.items if item.state == "out"]
        carried = frozenset(way.sku for way in out if way)
        closed, returns = visit.closed_at or since, payload.get("returns", 0.0)
        found[visit.room] = Ended(visit.id, visit.room, closed, returns, carried)
    return [*found.values()]


def _inside(visit: Visit | None) -> Inside | None:
    if visit is None:
        return None
    there = [item.colourway for item in visit.items if item.state == "in"]
    skus = frozenset(way.sku for way in there if way)
    return Inside(visit.opened_at, visit.people, skus, len(there))


def _apply(
    session: Session,
    crossing: Crossing,
    decision: Decision,
    shown: Visit | None,
    hidden: Visit | None,
) -> None:
    """Change the tables as was decided."""
    act, time = decision.act, crossing.time
    if act == "merge":
        _merge(session, crossing)
    elif act in ("open", "join"):
        same = _same(shown, crossing.garments, ARTICLE)
        crossings.enter(session, shown, crossing, decision.reason, same, decision.evidence)
    elif act == "hide" and shown is not None:
        if hidden is not None:
            visits.close_visit(session, hidden, time, "next")
        hidden_visits.hide_visit(session, shown, time, decision.probability, decision.evidence)
        crossings.enter(session, None, crossing, "first", ())
    elif act == "resume" and shown is not None and hidden is not None:
        crossings.take_out(session, shown, crossing.garments)
        hidden_visits.resume_visit(session, hidden, shown, time)
    elif act == "none" and crossing.event == "exit":
        left_behind.carry_out(session, crossing.behind, crossing.garments, time)
    elif act == "close_hidden" and hidden is not None:
        crossings.leave(session, hidden, time, crossing.garments)
    elif act in ("part", "close", "interrupt") and shown is not None:
        if act != "part" and hidden is not None:
            visits.close_visit(session, hidden, time, "next")
        back = Returns(decision.probability, act == "interrupt")
        crossings.leave(session, shown, time, crossing.garments, back)


def _follow(session: Session, crossing: Crossing, origin: Origin, parameters: Parameters) -> None:
    """Note where the shopper of a visit comes from; what she carried over is in no other room."""
    visit = visits.require_visit(session, crossing.room)
    earlier = session.get_one(Visit, origin.ended.visit)
    if origin.kind == "moved":
        sure = 1 - origin.probability < parameters.show_moved_above
        crossings.carry_over(session, earlier, visit, crossing.garments, sure)
    payload = {"visit": visit.id, "earlier": earlier.id, "from": earlier.room}
    payload |= {"probability": round(origin.probability, 4)}
    journal.append(session, crossing.time, f"visit.{origin.kind}", visit.room, payload)


def _merge(session: Session, crossing: Crossing) -> None:
    """Take from a second camera's report what the first one did not see."""
    visit = visits.last_visit(session, crossing.room, crossing.time - _LOOK_BACK_S)
    if visit is None or not crossing.garments:
        return
    if crossing.event == "exit":
        crossings.take_out(session, visit, crossing.garments, again=True)
    elif visit.closed_at is None:
        same = _same(visit, crossing.garments, CATEGORY)
        crossings.add_items(session, visit, crossing, same)
    payload = {"visit": visit.id, "reason": "repeated"}
    journal.append(session, crossing.time, "visit.changed", crossing.room, payload)


def _same(
    visit: Visit | None, garments: Sequence[GarmentMatch], least: float
) -> list[VisitItem | None]:
    """Find for each garment the item on the screen that it is."""
    return pair_garments(garments, visits.items_on_screen(visit), least)
