from __future__ import annotations

import numpy as np
import supervision as sv

from vision.carry import GarmentAssociation
from vision.frame import Frame
from vision.garment import CROPS
from vision.track import Tracks

CLASSES = ("person", "top", "dress")


def tracks(time: float, people: dict[int, list[int]],
           garments: dict[int, tuple[list[int], int, float]], seed: int = 0) -> Tracks:  # fmt: skip
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (400, 800, 3), np.uint8)
    persons = sv.Detections.empty()
    if people:
        persons = sv.Detections(
            np.array(list(people.values()), np.float32), tracker_id=np.array(list(people))
        )
    carried = sv.Detections.empty()
    if garments:
        carried = sv.Detections(
            np.array([g[0] for g in garments.values()], np.float32),
            class_id=np.array([g[1] for g in garments.values()]),
            confidence=np.array([g[2] for g in garments.values()], np.float32),
            tracker_id=np.array(list(garments)),
        )
    return Tracks(Frame("c", time, image), persons, carried, CLASSES)


ANNA, BEN = [100, 50, 200, 380], [500, 50, 600, 380]
BAG = [180, 200, 240, 300]


def feed(
    association: GarmentAssociation,
    frames: int,
    garments: dict[int, tuple[list[int], int, float]],
    people: dict[int, list[int]] | None = None,
    start: int = 0,
) -> float:
    for number in range(start, start + frames):
        association.update(tracks(number / 10, people or {1: ANNA, 2: BEN}, garments))
    return (start + frames - 1) / 10


def test_a_garment_belongs_to_who_holds_it() -> None:
    association = GarmentAssociation()
    now = feed(association, 10, {7: (BAG, 2, 0.8), 8: ([510, 200, 560, 300], 1, 0.8)})
    assert [g.category for g in association.carried_by(1, now)] == ["dress"]
    assert [g.category for g in association.carried_by(2, now)] == ["top"]


def test_the_class_is_voted_over_the_track_by_score() -> None:
    association = GarmentAssociation()
    feed(association, 6, {7: (BAG, 1, 0.3)})
    now = feed(association, 4, {7: (BAG, 2, 0.9)}, start=6)
    assert association.carried_by(1, now)[0].category == "dress"


def test_a_flicker_is_undecided() -> None:
    association = GarmentAssociation()
    now = feed(association, 3, {7: (BAG, 2, 0.9)})
    assert association.carried_by(1, now) == []


def test_a_garment_nobody_holds_is_nobodys() -> None:
    association = GarmentAssociation()
    now = feed(association, 10, {7: ([700, 10, 760, 80], 2, 0.9)})
    assert association.carried_by(1, now) == association.carried_by(2, now) == []


def test_a_garment_handed_over_goes_with_who_held_it_longer_of_late() -> None:
    association = GarmentAssociation()
    feed(association, 6, {7: (BAG, 2, 0.9)})
    now = feed(association, 20, {7: ([510, 200, 560, 300], 2, 0.9)}, start=6)
    assert association.carried_by(1, now) == []
    assert len(association.carried_by(2, now)) == 1


def test_what_was_put_down_is_not_carried_any_more() -> None:
    association = GarmentAssociation()
    feed(association, 10, {7: (BAG, 2, 0.9)})
    now = feed(association, 50, {}, start=10)
    assert association.carried_by(1, now) == []


def test_few_crops_are_kept_however_long_the_track() -> None:
    association = GarmentAssociation()
    now = feed(association, 400, {7: (BAG, 2, 0.9)})
    (garment,) = association.carried_by(1, now)
    assert len(garment.crops) <= 2 * CROPS
    best = garment.best_crops()
    assert len(best) == CROPS
    assert best[0].quality == max(crop.quality for crop in garment.crops.values())


def test_a_crop_cut_off_by_the_picture_is_worth_less() -> None:
    association = GarmentAssociation()
    now = feed(association, 8, {7: (BAG, 2, 0.9), 8: ([180, 300, 240, 400], 2, 0.9)})
    whole, cut = association.carried_by(1, now)
    assert whole.best_crops()[0].quality > 2 * cut.best_crops()[0].quality


def test_what_fills_its_carrier_is_worn() -> None:
    association = GarmentAssociation()
    now = feed(association, 20, {7: ([102, 60, 198, 330], 2, 0.9)})
    assert association.carried_by(1, now) == []


def test_a_body_with_a_garment_before_it_is_worn() -> None:
    body, before = [100, 100, 195, 300], [140, 180, 195, 300]
    association = GarmentAssociation()
    now = feed(association, 20, {7: (body, 1, 0.9), 8: (before, 2, 0.9)})
    assert [g.category for g in association.carried_by(1, now)] == ["dress"]
    alone = GarmentAssociation()  # a large coat held before oneself
    now = feed(alone, 20, {7: (body, 1, 0.9)})
    assert [g.category for g in alone.carried_by(1, now)] == ["top"]


def test_only_the_latest_places_of_a_garment_are_remembered() -> None:
    association = GarmentAssociation()
    now = feed(association, 350, {7: (BAG, 2, 0.9)})
    (garment,) = association.carried_by(1, now)
    assert len(garment.boxes) == 300
    assert max(garment.boxes) == now


def test_a_long_dress_held_before_the_legs_is_carried() -> None:
    association = GarmentAssociation()
    now = feed(association, 20, {7: ([105, 180, 190, 370], 2, 0.9)})
    assert [g.category for g in association.carried_by(1, now)] == ["dress"]


def test_weak_boxes_now_and_then_are_no_garment() -> None:
    association = GarmentAssociation()
    for number in range(60):
        garments = {7: (BAG, 2, 0.3)} if number % 4 == 0 else {}
        association.update(tracks(number / 10, {1: ANNA}, garments))
    assert association.carried_by(1, 5.9) == []


def pass_by(association: GarmentAssociation, taken: bool) -> float:
    """Ten frames of a plant alone, its box unsteady, then four with somebody beside it."""
    for number in range(14):
        near = number >= 10
        left = 120 + 14 * (number - 10) if near else 0
        thing = [180, 120, 230 + 12 * (number % 2), 180]
        if taken and near:
            thing = [left + 60, 200, left + 110, 260]
        people = {1: [left, 50, left + 100, 380]} if near else {}
        association.update(tracks(number / 10, people, {7: (thing, 2, 0.8)}))
    return 1.3


def test_what_somebody_walks_past_is_nobodys() -> None:
    association = GarmentAssociation()
    assert association.carried_by(1, pass_by(association, taken=False)) == []


def test_what_somebody_takes_along_is_theirs() -> None:
    association = GarmentAssociation()
    assert len(association.carried_by(1, pass_by(association, taken=True))) == 1


def test_what_hangs_on_a_rack_is_nobodys() -> None:
    association = GarmentAssociation()
    on_rack, in_hand = [300, 200, 360, 300], 20
    for number in range(20):
        left = 180 + 8 * number
        anna = [left, 50, left + 100, 380]
        garments = {
            7: (on_rack, 2, 0.8),
            8: ([left + in_hand, 200, left + in_hand + 50, 300], 1, 0.8),
        }
        association.update(tracks(number / 10, {1: anna}, garments))
    assert [g.category for g in association.carried_by(1, 1.9)] == ["top"]


def test_what_was_passed_long_ago_is_nobodys() -> None:
    association = GarmentAssociation()
    plant = [300, 150, 360, 250]
    for number in range(40):  # beside it for a second only, and then far on
        left = 260 + (2 * number if number < 10 else 20 + 30 * (number - 10))
        association.update(
            tracks(number / 10, {1: [left, 50, left + 100, 380]}, {7: (plant, 2, 0.8)})
        )
    assert association.carried_by(1, 3.9) == []


def test_what_is_lost_from_sight_is_not_left_behind() -> None:
    association = GarmentAssociation()
    for number in range(30):  # seen for its first second, then hidden behind her
        left = 100 + 20 * number
        garments = {7: ([left + 20, 200, left + 70, 300], 2, 0.9)} if number < 10 else {}
        association.update(tracks(number / 10, {1: [left, 50, left + 100, 380]}, garments))
    assert [g.category for g in association.carried_by(1, 2.9)] == ["dress"]


def test_somebody_who_stands_and_waits_carries_all_the_same() -> None:
    association = GarmentAssociation()
    for number in range(40):  # a step to and fro, the garment hardly moves
        left = 100 + 10 * (number % 3)
        association.update(
            tracks(number / 10, {1: [left, 50, left + 100, 380]}, {7: (BAG, 2, 0.8)})
        )
    assert [g.category for g in association.carried_by(1, 3.9)] == ["dress"]
