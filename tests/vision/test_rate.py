"""Cameras and machines that are too slow to follow people."""

from __future__ import annotations

import numpy as np
import pytest

from vision.frame import Frame
from vision.rate import GOOD_RATE, LEAST_RATE, RateMonitor, slow_message, warn_if_slow

IMAGE = np.zeros((4, 4, 3), np.uint8)


def frames(rate: float, seconds: float, start: float = 0.0) -> list[Frame]:
    return [Frame("door", start + n / rate, IMAGE) for n in range(round(rate * seconds))]


def show(monitor: RateMonitor, rate: float, seconds: float, start: float = 0.0) -> set[bool]:
    seen = set()
    for frame in frames(rate, seconds, start):
        monitor.update(frame)
        seen.add(monitor.slow)
    return seen


def test_one_frame_a_second_is_too_slow() -> None:
    monitor = RateMonitor()
    show(monitor, 1.0, 30)
    assert monitor.slow
    assert monitor.rate == pytest.approx(1.0, rel=0.1)


def test_ten_a_second_are_not() -> None:
    assert show(RateMonitor(), 10.0, 60) == {False}


def test_at_the_limit_it_does_not_go_to_and_fro() -> None:
    monitor = RateMonitor()
    show(monitor, LEAST_RATE * 0.9, 30)
    assert monitor.slow
    assert show(monitor, LEAST_RATE * 1.1, 60, start=30) == {True}
    show(monitor, LEAST_RATE * 1.5, 60, start=90)
    assert not monitor.slow


def test_a_stall_is_another_problem() -> None:
    monitor = RateMonitor()
    for start in range(0, 200, 20):
        assert show(monitor, 10.0, 10, start=start) == {False}


def test_the_message_names_who_is_slow_and_what_works() -> None:
    assert f"{GOOD_RATE:.0f} frames per second" in slow_message(1.0)
    assert "Set the camera" in slow_message(1.0, 1.2)
    assert "This computer" in slow_message(1.0, 25.0)


@pytest.mark.parametrize(("rate", "warned"), [(1.0, 1), (2.0, 1), (5.0, 0), (10.0, 0)])
def test_a_recording_is_warned_of_at_its_end(rate: float, warned: int) -> None:
    told: list[str] = []
    shown = frames(rate, 11)
    assert list(warn_if_slow(shown, told.append)) == shown
    assert len(told) == warned


def test_a_recording_that_is_slow_while_nothing_happens_is_fast_enough() -> None:
    told: list[str] = []
    list(warn_if_slow([*frames(1.0, 5), *frames(10.0, 5, start=5)], told.append))
    assert told == []
