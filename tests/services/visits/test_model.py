"""What a crossing means, from what is known of its room; no table, no clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.crossing import Crossing, Event
from services.visits.model import Inside, Scene, decide, is_of_staff, probability_of_next
from services.visits.parameters import Parameters
from tests.crossings import garment

KNOWN = Parameters()


def seen(time: float, event: Event = "entry", camera: str = "left", *skus: str) -> Crossing:
    return Crossing(time, event, camera, "gate", "1", garments=tuple(garment(s) for s in skus))


def test_the_first_one_in_opens_a_visit_and_the_last_one_out_ends_it() -> None:
    assert decide(Scene(None), seen(0), KNOWN).act == "open"
    assert decide(Scene(Inside(0, 1)), seen(300, "exit"), KNOWN).act == "close"
    assert decide(Scene(Inside(0, 2)), seen(300, "exit"), KNOWN).act == "part"
    assert decide(Scene(None), seen(0, "exit"), KNOWN).act == "none"


def test_who_comes_right_behind_belongs_to_her_and_who_comes_later_may_be_the_next() -> None:
    scene = Scene(Inside(0, 1), earlier=[seen(0)])
    assert decide(scene, seen(4), KNOWN).act == "join"
    later = decide(scene, seen(400), KNOWN)
    assert (later.act, later.reason) == ("hide", "next")
    assert later.probability > KNOWN.show_above


def test_the_next_shopper_becomes_more_probable_with_time() -> None:
    scene = Scene(Inside(0, 1), earlier=[seen(0)])
    found = [probability_of_next(scene, seen(time), KNOWN) for time in (0, 30, 60, 300, 900, 3600)]
    assert found == sorted(found)
    assert found[0] == 0
    assert found[-1] > 0.9


def test_cameras_that_miss_nothing_leave_nothing_to_doubt() -> None:
    scene = Scene(Inside(0, 1), earlier=[seen(0)])
    assert decide(scene, seen(400), Parameters(missed_exit=0.0)).act == "join"


@pytest.mark.parametrize(("camera", "time", "act"), [
    ("right", 100.4, "merge"),  # the second camera's report of the same entry
    ("left", 100.4, "join"),  # another person, who walks right behind
    ("right", 101.2, "join"),
])  # fmt: skip
def test_two_cameras_report_one_crossing(camera: str, time: float, act: str) -> None:
    scene = Scene(Inside(100, 1), earlier=[seen(100)])
    assert decide(scene, seen(time, "entry", camera), KNOWN).act == act


def test_two_people_are_two_reports_of_each_camera() -> None:
    earlier = [seen(100), seen(100.3), seen(100.1, camera="right")]
    scene = Scene(Inside(100, 2), earlier=earlier)
    assert decide(scene, seen(100.4, camera="right"), KNOWN).act == "merge"
    assert decide(scene, seen(100.5, camera="left"), KNOWN).act == "join"


def test_an_entry_that_another_camera_saw_as_an_exit_opens_no_visit() -> None:
    out = [seen(100, "exit")]
    assert decide(Scene(None, earlier=out), seen(100.1, camera="right"), KNOWN).reason == (
        "contradicted"
    )
    assert decide(Scene(None, earlier=out), seen(100.1, camera="left"), KNOWN).act == "open"
    assert decide(Scene(None, earlier=out), seen(101, camera="right"), KNOWN).act == "open"
    # The other camera saw her go out too: this one comes in as she goes.
    both = [*out, seen(100.05, "exit", "right")]
    assert decide(Scene(None, earlier=both), seen(100.1, camera="right"), KNOWN).act == "open"
    # When unsure, hide: an exit counts, whatever the other camera says.
    inside = Scene(Inside(100, 1), earlier=[seen(100)])
    assert decide(inside, seen(100.1, "exit", "right"), KNOWN).act == "close"


def test_who_comes_out_at_once_was_staff() -> None:
    scene = Scene(Inside(400, 1), Inside(0, 1))
    assert decide(scene, seen(410, "exit"), KNOWN).reason == "staff"
    assert decide(scene, seen(460, "exit"), KNOWN).reason == "left"
    assert decide(Scene(Inside(400, 2), Inside(0, 1)), seen(410, "exit"), KNOWN).act == "part"


def test_who_takes_the_first_ones_garments_out_is_the_first_one() -> None:
    scene = Scene(Inside(400, 1, frozenset({"K1"})), Inside(0, 1, frozenset({"T1-S"})))
    assert decide(scene, seen(410, "exit", "left", "T1-S"), KNOWN).act == "close_hidden"
    assert decide(scene, seen(410, "exit", "left", "K1"), KNOWN).act == "resume"


def test_cameras_that_report_too_few_exits_miss_them() -> None:
    assert KNOWN.fitted(500, 500).missed_exit < KNOWN.missed_exit
    assert KNOWN.fitted(500, 520).missed_exit < KNOWN.missed_exit
    assert KNOWN.fitted(500, 400).missed_exit == pytest.approx(100.49 / 570)
    assert KNOWN.fitted(0, 0) == KNOWN


def test_a_badge_that_is_read_once_is_the_badge_of_both_crossings() -> None:
    went_in = replace(seen(100), staff=True)
    inside = Scene(Inside(0, 1), trips=[went_in])
    assert is_of_staff(inside, seen(110, "exit"), KNOWN), "not read on the way out"
    assert not is_of_staff(inside, seen(100 + KNOWN.brief_s + 1, "exit"), KNOWN)
    both = Scene(Inside(0, 1), trips=[went_in, replace(seen(108, "exit"), staff=True)])
    assert not is_of_staff(both, seen(110, "exit"), KNOWN), "the shopper herself"
    out = replace(seen(110, "exit"), staff=True)
    assert is_of_staff(Scene(Inside(0, 1)), out, KNOWN)
    assert not is_of_staff(Scene(Inside(100, 1), Inside(0, 1)), out, KNOWN), "a brief visit"
