from __future__ import annotations

import json
from dataclasses import replace

from common.crossing import Candidate, Crossing, GarmentMatch


def test_a_crossing_survives_the_journal() -> None:
    tee = GarmentMatch("top", "T1", 0.9, 0.8, candidates=(Candidate("T1", 0.9),))
    other = GarmentMatch("skirt", None, 0.4, 0.1, category_certain=False)
    crossing = Crossing(12.5, "exit", "door", "left", "", garments=(tee, other), rooms=("1", "2"))
    for staff in (False, True):
        seen = replace(crossing, staff=staff)
        assert Crossing.from_json(json.loads(json.dumps(seen.as_json()))) == seen


def test_a_crossing_of_an_earlier_version_is_read() -> None:
    tee = {"category": "top", "sku": "T1", "score": 0.9, "candidates": [{"sku": "T1", "score": 1}]}
    old = {"time": 1.0, "event": "entry", "room": "3", "garments": [tee]}
    [garment] = Crossing.from_json(old).garments
    assert (garment.sku, garment.category_certain) == ("T1", True)
    assert garment.candidates == (Candidate("T1", 1),)


def test_rooms_behind_a_gate() -> None:
    assert Crossing(0, "entry", "c", "g", "1").behind == ("1",)
    assert Crossing(0, "entry", "c", "g", "", rooms=("1", "2")).behind == ("1", "2")
    assert Crossing(0, "entry", "c", "g", "").behind == ()
