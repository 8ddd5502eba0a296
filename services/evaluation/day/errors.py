"""What cameras report of a simulated day, with the errors that were measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from common.crossing import Candidate, Crossing, GarmentMatch
from models.manifest import load_manifest
from services.evaluation.day.habits import Article
from services.evaluation.day.party import CLEAR_SHARE
from services.evaluation.day.world import STAFF, Day, Garment, TrueCrossing

#: Crossings of simulated and filmed clips that were found, and all of them (`docs/explanation/
#: experiments.md`, "Crossings and films"; model card, rendered films).
_CROSSINGS: Final = (70, 70)
#: A score's digits from here on number the report of a garment, so that whatever becomes of it can
#: be traced to the garment that was really there.
_TRACE: Final = 1e-9


@dataclass(frozen=True)
class Errors:
    """Rates of errors.

    Attributes:
        missed_entry: Share of entries that a camera does not report, and `missed_exit` of exits.
        reversed: Share of crossings that are reported in the wrong direction.
        reported: Share of carried garments that are reported (model card: 0.76 of 96).
        invented: False garments per reported one (precision 0.91: 0.09 of 0.91); half of them are
            a carried garment counted twice.
        accepted: Share of reported garments of the shop that are accepted as an article (0.68 among
            1,000 articles), and `precision` of those (0.97).
        accepted_unknown: Share of garments that are not the shop's that are accepted (0.08).
        category: Share of garments that are not accepted whose category is right (0.83).
        in_five: Share whose article is among the five candidates (0.95).
        time_s: Standard deviation of a crossing's time (0.11 and 0.2 s).
        delay_s: From a crossing until it is reported.
        badge: Share of the crossings of staff with a badge at which it is read: that of single
            pictures in which its square has 20 pixels (0.83); a crossing has several.
    """

    missed_entry: float
    missed_exit: float
    reversed: float = 0.0
    reported: float = 0.76
    invented: float = 0.1
    accepted: float = CLEAR_SHARE
    precision: float = 0.97
    accepted_unknown: float = 0.08
    category: float = 0.83
    in_five: float = 0.95
    time_s: float = 0.15
    delay_s: float = 0.5
    badge: float = 0.83


#: Cameras that see one gate to all of their rooms, and how far it is from the rooms, seconds.
SHARED: Final[dict[str, tuple[float, float]]] = {"area": (3.0, 8.0), "hall": (1.0, 3.0)}
#: Who comes out of one room and goes into another within this time stays behind a shared gate.
_STAYS_S: Final = 60.0

Mixture = Literal["none", "measured", "hard"]


def draw_errors(mixture: Mixture, seed: int) -> Errors:
    """Draw the rates of a day.

    `measured`: a crossing is missed with a probability drawn from what 70 of 70 found ones say
    about it (Jeffreys' interval: 0.7 % in the mean, 3.5 % at the upper end). `hard` is a shop with
    a badly placed camera, or one whose clips have no exits. `none` has no errors.
    """
    rng = np.random.default_rng([seed, 2])
    found, of = _CROSSINGS
    missed = rng.beta(of - found + 0.5, found + 0.5, 2)
    if mixture == "hard":
        return Errors(float(rng.uniform(0.02, 0.1)), float(rng.uniform(0.05, 0.4)), 0.01, 0.6, 0.15)
    if mixture == "none":
        return Errors(0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0.5)
    return Errors(float(missed[0]), float(missed[1]))


@dataclass(frozen=True)
class Report:
    """A crossing as a camera reports it.

    Attributes:
        time: When it is reported.
        crossing: What is reported.
        true_crossing: What really happened.
    """

    time: float
    crossing: Crossing
    true_crossing: TrueCrossing


class Cameras:
    """Report a day's crossings; some gates are seen by two cameras.

    `sources` then has the real garment of each report by its score, None for an invented one.
    """

    def __init__(
        self,
        day: Day,
        errors: Errors,
        articles: Sequence[Article],
        views: Mapping[str, Sequence[str]],
        seed: int,
        badges: bool = False,
    ) -> None:
        """Prepare; `views` are the rooms whose gates each camera sees, staff may wear `badges`."""
        self._day, self._errors, self._articles, self._views = day, errors, articles, views
        self._rng = np.random.default_rng([seed, 3])
        self._badges = np.random.default_rng([seed, 5]) if badges else None
        self._place = {article.sku: n for n, article in enumerate(articles)}
        self._threshold = load_manifest().embedder.calibration.threshold
        self.sources: dict[float, int | None] = {}

    def reports(self) -> list[Report]:
        """Report everything, in the order in which it is reported."""
        inner = _between_rooms(self._day.true_crossings)
        found = [
            report
            for true_crossing in self._day.true_crossings
            if true_crossing.crosses
            for camera, rooms in self._views.items()
            if true_crossing.room in rooms
            and not (camera in SHARED and (true_crossing.person, true_crossing.time) in inner)
            for report in self._report(camera, true_crossing)
        ]
        return sorted(found, key=lambda r: r.time)

    def _report(self, camera: str, true_crossing: TrueCrossing) -> Iterable[Report]:
        rng, errors = self._rng, self._errors
        missed = errors.missed_entry if true_crossing.event == "entry" else errors.missed_exit
        if rng.random() < missed:
            return
        garments: list[GarmentMatch] = []
        for number in true_crossing.garments:
            if rng.random() < errors.reported:
                garments.append(self._match(self._day.garments[number]))
                if rng.random() < errors.invented / 2:
                    garments.append(self._match(self._day.garments[number]))
            if rng.random() < errors.invented / 2:
                garments.append(self._invent())
        time = (
            true_crossing.time + float(rng.normal(0.0, errors.time_s))
            if errors.time_s
            else true_crossing.time
        )
        event = true_crossing.event
        if rng.random() < errors.reversed:
            event = "exit" if event == "entry" else "entry"
        if camera in SHARED:
            time += float(rng.uniform(*SHARED[camera])) * (-1 if event == "entry" else 1)
            gate, room, rooms = camera, "", tuple(self._views[camera])
        else:
            gate, room, rooms = f"gate {true_crossing.room}", true_crossing.room, ()
        crossing = Crossing(
            time, event, camera, gate, room, true_crossing.person, tuple(garments),
            rooms, self._reads_badge(true_crossing),
        )  # fmt: skip
        late = time if camera in SHARED else max(time, true_crossing.time)
        yield Report(late + errors.delay_s, crossing, true_crossing)

    def _reads_badge(self, crossing: TrueCrossing) -> bool:
        if self._badges is None or crossing.party != STAFF:
            return False
        return bool(self._badges.random() < self._errors.badge)

    def _match(self, garment: Garment) -> GarmentMatch:
        """Match a garment that is carried, rightly or wrongly."""
        rng, errors = self._rng, self._errors
        own = garment.sku is None
        chance = errors.accepted_unknown if own else _accepted(errors.accepted, garment.clear)
        alike = self._alike(garment)
        if rng.random() < chance:
            right = not own and rng.random() < errors.precision
            sku = garment.sku if right else alike
            probability = self._threshold + (1 - self._threshold) * float(rng.beta(3.0, 0.5))
            return self._garment(garment.id, self._category(sku or alike), sku, probability)
        category = garment.category
        if rng.random() >= errors.category:
            category = self._articles[int(rng.integers(len(self._articles)))].category
        probability = float(rng.uniform(0.05, self._threshold))
        right = garment.sku is not None and rng.random() < errors.in_five
        others = [garment.sku, alike] if right and garment.sku else [alike]
        return self._garment(garment.id, category, None, probability, others)

    def _invent(self) -> GarmentMatch:
        """Match what is no garment: a fold of a worn jacket, a bag."""
        article = self._articles[int(self._rng.integers(len(self._articles)))]
        probability = float(self._rng.uniform(0.02, self._threshold))
        return self._garment(None, article.category, None, probability, [article.sku])

    def _garment(
        self,
        source: int | None,
        category: str,
        sku: str | None,
        probability: float,
        others: Sequence[str] = (),
    ) -> GarmentMatch:
        score = 0.8 + (len(self.sources) + 1) * _TRACE
        self.sources[score] = source
        skus = [sku] if sku else others
        named = tuple(Candidate(one, 0.8 - n / 20) for n, one in enumerate(skus))
        return GarmentMatch(category, sku, score, probability, named, named)

    def _alike(self, garment: Garment) -> str:
        """Return the article that a garment is mistaken for: always the same one."""
        place = self._place.get(garment.sku or "", garment.id)
        same = [
            a for a in self._articles if a.category == garment.category and a.sku != garment.sku
        ]
        return (same or self._articles)[place % len(same or self._articles)].sku

    def _category(self, sku: str) -> str:
        return self._articles[self._place[sku]].category


def _between_rooms(crossings: Sequence[TrueCrossing]) -> set[tuple[int, float]]:
    """List the crossings of people who walk from room to room, by person and time."""
    found: set[tuple[int, float]] = set()
    before: dict[int, TrueCrossing] = {}
    for one in sorted(crossings, key=lambda c: c.time):
        last = before.get(one.person)
        moves = last and last.event == "exit" and one.event == "entry" and last.room != one.room
        if last and moves and one.time - last.time <= _STAYS_S:
            found |= {(one.person, last.time), (one.person, one.time)}
        before[one.person] = one
    return found


def _accepted(share: float, clear: bool) -> float:
    """Return how probable it is that a garment is accepted on one crossing.

    Of those that are recognised on most crossings nine in ten are; the others make up the rest.
    """
    if share >= 1.0:
        return 1.0
    high = min(0.9, share / CLEAR_SHARE)
    return high if clear else max(0.0, (share - high * CLEAR_SHARE) / (1 - CLEAR_SHARE))
