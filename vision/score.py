"""Compare the crossings of a clip with its truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from common.crossing import Crossing

#: A crossing and a true event further apart than this are two things, in seconds.
TOLERANCE_S: Final = 1.5


@dataclass
class Score:
    """Counts over one or more clips.

    Attributes:
        events: True events.
        found: Those for which a crossing of the same direction was reported.
        reported: Crossings reported.
        turned: True events for which one of the wrong direction was reported.
        late_s: By how many seconds each found event was reported late.
        garments: Garments carried through the gate, in found events.
        counted: Garments reported for them, as many as there were at the most.
        surplus: Garments reported beyond those.
        first: Garments whose article is the best candidate of one of its event's garments.
        five: Those whose article is among the best five.
        named: Garments reported as an article instead of "unknown".
        named_right: Those of which that is right.
    """

    events: int = 0
    found: int = 0
    reported: int = 0
    turned: int = 0
    late_s: list[float] = field(default_factory=list)
    garments: int = 0
    counted: int = 0
    surplus: int = 0
    first: int = 0
    five: int = 0
    named: int = 0
    named_right: int = 0

    def add(self, other: Score) -> None:
        """Add another clip's counts."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def figures(self) -> dict[str, Any]:
        """Return shares of everything; None where there was nothing to count."""

        def share(part: int, whole: int) -> float | None:
            return round(part / whole, 4) if whole else None

        return {
            "events": self.events,
            "event_recall": share(self.found, self.events),
            "event_precision": share(self.found, self.reported),
            "wrong_direction": share(self.turned, self.events),
            "mean_time_error_s": round(float(np.mean(np.abs(self.late_s))), 3)
            if self.late_s
            else None,
            "garments": self.garments,
            "garment_recall": share(self.counted, self.garments),
            "garment_precision": share(self.counted, self.counted + self.surplus),
            "article_first": share(self.first, self.garments),
            "article_in_five": share(self.five, self.garments),
            "named": share(self.named, self.garments),
            "named_right": share(self.named_right, self.named),
        }


def score_clip(found: Sequence[Crossing], truth: Iterable[dict[str, Any]]) -> Score:
    """Score one clip.

    Args:
        found: Its crossings.
        truth: Its events: `time`, `event` (`entry` or `exit`) and `garments` with `sku`.
    """
    score, left = Score(reported=len(found)), list(found)
    events = list(truth)
    score.events = len(events)
    missed = []
    for event in events:
        crossing = _nearest(left, event["time"], event["event"])
        if crossing is None:
            missed.append(event)
            continue
        left.remove(crossing)
        score.found += 1
        score.late_s.append(crossing.time - event["time"])
        _count_garments(score, crossing, [str(g["sku"]) for g in event["garments"]])
    for event in missed:
        other = "exit" if event["event"] == "entry" else "entry"
        crossing = _nearest(left, event["time"], other)
        if crossing is not None:
            left.remove(crossing)
            score.turned += 1
    return score


def _nearest(crossings: Sequence[Crossing], time: float, event: str) -> Crossing | None:
    near = [c for c in crossings if c.event == event and abs(c.time - time) <= TOLERANCE_S]
    return min(near, key=lambda c: abs(c.time - time), default=None)


def _count_garments(score: Score, crossing: Crossing, skus: Sequence[str]) -> None:
    reported = len(crossing.garments)
    score.garments += len(skus)
    score.counted += min(reported, len(skus))
    score.surplus += max(0, reported - len(skus))
    for sku in skus:
        ranks = [[c.sku for c in g.nearest].index(sku)
                 for g in crossing.garments if sku in [c.sku for c in g.nearest]]  # fmt: skip
        score.first += any(rank == 0 for rank in ranks)
        score.five += any(rank < 5 for rank in ranks)
    named = [g.sku for g in crossing.garments if g.sku]
    score.named += len(named)
    score.named_right += sum(sku in skus for sku in named)
