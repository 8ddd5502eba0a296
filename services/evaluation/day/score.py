"""Compare what screens showed on a simulated day with what was really in the rooms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from services.evaluation.day.errors import Report
from services.evaluation.day.play import Card, Played
from services.evaluation.day.world import STAFF, Day, State, Truth

#: From the gate to where the screen can be read; assumed.
REACHES_SCREEN_S: Final = 2.0


@dataclass(frozen=True)
class Span:
    """A time in which a room and its screen stay as they are."""

    start: float
    end: float
    state: State
    cards: tuple[Card, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass
class Tally:
    """Sums over a day, in seconds of rooms unless said otherwise."""

    occupied: float = 0.0
    right: float = 0.0
    everything: float = 0.0
    everything_right: float = 0.0
    missing: float = 0.0
    extra: float = 0.0
    shown: float = 0.0
    articles: float = 0.0
    earlier: float = 0.0
    earlier_seen_to_leave: float = 0.0
    visits_with_earlier: int = 0


def score_day(day: Day, reports: Sequence[Report], played: Played) -> dict[str, Any]:
    """Return the figures of a day.

    `exact`, `exact_always`: Share of the room-seconds whose screen shows exactly the garments that
    belong there, while shoppers are in the room, and over all of the day.
    `missing`, `extra`: Garments, mean of the room-seconds with shoppers.
    `article`: Share of the garments rightly shown whose article is right.
    `earlier_s`: Seconds in which somebody sees a garment of a party that had the room before, per
    1,000 visits; `earlier_seen_s` of those after the earlier party was reported to have left, and
    `earlier_visits` the number of visits in which it happens, per 1,000.
    `requests`: Share that was open in the right room when staff came.
    `returned`, `returned_found`: Share of the shoppers decided to have come back who had; share of
    those who come back to an empty room that it was decided for. `moved`, `moved_found`: The same
    of those who change rooms.
    `prompts`, `prompts_found`: Share of the prompts that were right; share of the garments left
    behind that there was a prompt for.
    """
    truth, tally = Truth(day), Tally()
    left = _seen_to_leave(day, reports)
    for room in day.rooms:
        seen: set[int] = set()
        for span in _spans(truth.states(room), played.screens[room], day.closes):
            _add(tally, day, room, span, left, seen)
        tally.visits_with_earlier += len(seen)
    thousand = 1000.0 / day.visits
    right, found, left_behind = _prompts(day, truth, played)
    return {
        "visits": day.visits,
        "exact": tally.right / tally.occupied,
        "exact_always": tally.everything_right / tally.everything,
        "missing": tally.missing / tally.occupied,
        "extra": tally.extra / tally.occupied,
        "article": tally.articles / max(tally.shown, 1.0),
        "earlier_s": tally.earlier * thousand,
        "earlier_seen_s": tally.earlier_seen_to_leave * thousand,
        "earlier_visits": tally.visits_with_earlier * thousand,
        **_origins(day, played),
        "requests": played.reached / played.asked if played.asked else None,
        "prompts": right / len(played.prompts) if played.prompts else None,
        "prompts_found": found / left_behind if left_behind else None,
    }


def _spans(
    states: Sequence[State], shown: Sequence[tuple[float, tuple[Card, ...]]], closes: float
) -> Iterator[Span]:
    edges = {state.time for state in states} | {time for time, _ in shown}
    edges |= {state.since + REACHES_SCREEN_S for state in states}
    times = sorted({time for time in edges if states[0].time <= time < closes} | {closes})
    at_state = at_shown = 0
    for start, end in pairwise(times):
        while at_state + 1 < len(states) and states[at_state + 1].time <= start:
            at_state += 1
        while at_shown + 1 < len(shown) and shown[at_shown + 1][0] <= start:
            at_shown += 1
        yield Span(start, end, states[at_state], shown[at_shown][1])


def _add(
    tally: Tally,
    day: Day,
    room: str,
    span: Span,
    left: set[tuple[str, int]],
    seen: set[int],
) -> None:
    state, cards, seconds = span.state, span.cards, span.seconds
    shown = Counter(card.garment for card in cards)
    correct = sum(number in shown for number in state.right)
    missing = len(state.right) - correct
    extra = len(cards) - correct
    tally.everything += seconds
    tally.everything_right += seconds * (not missing and not extra)
    if state.party is None:
        return
    tally.occupied += seconds
    tally.right += seconds * (not missing and not extra)
    tally.missing += seconds * missing
    tally.extra += seconds * extra
    own = [(day.garments[c.garment], c) for c in cards if c.garment in state.right and c.garment]
    tally.shown += seconds * len(own)
    tally.articles += seconds * sum(garment.sku == card.sku for garment, card in own)
    owners = {day.garments[card.garment].owner for card in cards if card.garment is not None}
    earlier = owners - {state.party, STAFF}
    if earlier and span.start >= state.since + REACHES_SCREEN_S:
        tally.earlier += seconds
        tally.earlier_seen_to_leave += seconds * any((room, party) in left for party in earlier)
        seen.add(state.party)


def _seen_to_leave(day: Day, reports: Sequence[Report]) -> set[tuple[str, int]]:
    """List the parties all of whose people were reported to leave a room for good."""
    reported = {
        (r.true_crossing.person, r.true_crossing.time)
        for r in reports
        if r.crossing.event == r.true_crossing.event == "exit"
    }
    last: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for true_crossing in day.true_crossings:
        if true_crossing.last and true_crossing.party != STAFF:
            was = (true_crossing.person, true_crossing.time) in reported
            last[true_crossing.room, true_crossing.party].append(was)
    return {key for key, found in last.items() if all(found)}


def _origins(day: Day, played: Played) -> dict[str, float | None]:
    """Compare where shoppers were decided to come from with where they came from."""
    true: dict[str, set[tuple[float, int]]] = {"returned": set(), "moved": set()}
    people: dict[str, set[int]] = defaultdict(set)
    parties: dict[int, str] = {}
    for crossing in sorted(day.true_crossings, key=lambda c: c.time):
        if crossing.party == STAFF:
            continue
        there = people[crossing.room]
        if crossing.event == "exit":
            there.discard(crossing.person)
            continue
        if not there and (before := parties.get(crossing.party)):
            kind = "returned" if before == crossing.room else "moved"
            true[kind].add((crossing.time, crossing.person))
        there.add(crossing.person)
        parties[crossing.party] = crossing.room
    figures: dict[str, float | None] = {}
    for kind, expected in true.items():
        decided = [
            (one.crossing.time, one.crossing.person) for one in played.origins if one.kind == kind
        ]
        right = len(expected.intersection(decided))
        figures[kind] = right / len(decided) if decided else None
        figures[f"{kind}_found"] = right / len(expected) if expected else None
    return figures


def _prompts(day: Day, truth: Truth, played: Played) -> tuple[int, int, int]:
    """Count right prompts, garments left behind that were prompted for, and those left behind."""
    right = 0
    prompted: set[int] = set()
    for prompt in played.prompts:
        state = truth.at(prompt.room, prompt.time)
        if prompt.garment in state.inside - state.right and prompt.garment is not None:
            right += 1
            prompted.add(prompt.garment)
    left = {
        number
        for room in day.rooms
        for state in truth.states(room)
        for number in state.inside - state.right
        if day.garments[number].owner != STAFF and day.garments[number].sku
    }
    return right, len(prompted & left), len(left)
