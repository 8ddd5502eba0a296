from __future__ import annotations

from typing import Any

import pytest

from common.crossing import Candidate, Crossing, Event, GarmentMatch
from vision.score import Score, score_clip


def match(*candidates: str, sku: str | None = None) -> GarmentMatch:
    return GarmentMatch("top", sku, 0.8, 0.5, tuple(Candidate(c, 0.8) for c in candidates))


def crossing(time: float, event: Event, *garments: GarmentMatch) -> Crossing:
    return Crossing(time, event, "c", "g", "1", 0, garments)


def event(time: float, kind: str, *skus: str) -> dict[str, Any]:
    return {"time": time, "event": kind, "garments": [{"sku": sku} for sku in skus]}


def test_what_is_found_is_right_and_in_time() -> None:
    found = [crossing(5.1, "entry", match("A", "B", sku="A"), match("X", "C"))]
    figures = score_clip(found, [event(5.0, "entry", "A", "C")]).figures()
    assert figures["event_recall"] == figures["event_precision"] == 1
    assert figures["mean_time_error_s"] == pytest.approx(0.1)
    assert figures["garment_recall"] == figures["garment_precision"] == 1
    assert figures["top1"] == 0.5
    assert figures["top5"] == 1
    assert (figures["accepted"], figures["accepted_correct"]) == (0.5, 1)


@pytest.mark.parametrize(
    ("found", "recall", "precision", "wrong_direction"),
    [
        ([], 0, None, 0),  # missed
        ([crossing(9, "entry")], 0, 0, 0),  # too late to be the same
        ([crossing(5, "exit")], 0, 0, 1),  # the wrong way
        ([crossing(5, "entry"), crossing(5.3, "entry")], 1, 0.5, 0),  # twice
    ],
)
def test_missed_reversed_and_false_crossings_count(
    found: list[Crossing], recall: float, precision: float | None, wrong_direction: float
) -> None:
    figures = score_clip(found, [event(5.0, "entry")]).figures()
    assert figures["event_recall"] == recall
    assert figures["event_precision"] == precision
    assert figures["wrong_direction"] == wrong_direction


def test_surplus_and_missing_garments_count() -> None:
    found = [crossing(1, "entry", match("A"), match("B")), crossing(5, "entry")]
    figures = score_clip(found, [event(1, "entry", "A"), event(5, "entry", "C")]).figures()
    assert figures["garment_recall"] == 0.5
    assert figures["garment_precision"] == 0.5


def test_clips_add_up() -> None:
    total = Score()
    for _ in range(2):
        total.add(score_clip([crossing(1, "entry", match("A"))], [event(1, "entry", "A")]))
    assert (total.events, total.garments, len(total.time_errors_s)) == (2, 2, 2)
