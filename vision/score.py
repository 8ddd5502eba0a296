"""Score the crossings of a clip against its ground truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from common.crossing import Crossing

#: Greatest difference in time between a crossing and its true event, seconds.
TOLERANCE_S: Final = 1.5


@dataclass
class Score:
    """Counts over one or more clips.

    Attributes:
        events: True events.
        found: True events with a crossing of the same direction.
        reported: Crossings reported.
        wrong_direction: True events with a crossing of the wrong direction only.
        time_errors_s: Delay of each found event's crossing, seconds.
        garments: Garments carried in found events.
        counted: Garments reported for them, at most as many as there were.
        surplus: Garments reported beyond those.
        top1: Garments whose article is the best candidate of one of its event's garments.
        top5: Garments whose article is among the best five candidates.
        accepted: Garments accepted as an article instead of "unknown".
        accepted_correct: Accepted garments with the correct article.
    """

    events: int = 0
    found: int = 0
    reported: int = 0
    wrong_direction: int = 0
    time_errors_s: list[float] = field(default_factory=list)
    garments: int = 0
    counted: int = 0
    surplus: int = 0
    top1: int = 0
    top5: int = 0
    accepted: int = 0
    accepted_correct: int = 0

    def add(self, other: Score) -> None:
        """Add another clip's counts."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def figures(self) -> dict[str, Any]:
        """Return the counts as rates; None where there was nothing to count."""

        def share(part: int, whole: int) -> float | None:
            return round(part / whole, 4) if whole else None

        return {
            "events": self.events,
            "event_recall": share(self.found, self.events),
            "event_precision": share(self.found, self.reported),
            "wrong_direction": share(self.wrong_direction, self.events),
            "mean_time_error_s": round(float(np.mean(np.abs(self.time_errors_s))), 3)
            if self.time_errors_s
            else None,
            "garments": self.garments,
            "garment_recall": share(self.counted, self.garments),
            "garment_precision": share(self.counted, self.counted + self.surplus),
            "top1": share(self.top1, self.garments),
            "top5": share(self.top5, self.garments),
            "accepted": share(self.accepted, self.garments),
            "accepted_correct": share(self.accepted_correct, self.accepted),
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
        score.time_errors_s.append(crossing.time - event["time"])
        _count_garments(score, crossing, [str(g["sku"]) for g in event["garments"]])
    for event in missed:
        other = "exit" if event["event"] == "entry" else "entry"
        crossing = _nearest(left, event["time"], other)
        if crossing is not None:
            left.remove(crossing)
            score.wrong_direction += 1
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
        score.top1 += any(rank == 0 for rank in ranks)
        score.top5 += any(rank < 5 for rank in ranks)
    accepted = [g.sku for g in crossing.garments if g.sku]
    score.accepted += len(accepted)
    score.accepted_correct += sum(sku in skus for sku in accepted)
