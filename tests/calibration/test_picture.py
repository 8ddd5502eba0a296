from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from calibration.areas import Mask
from calibration.drift import compare, make_reference
from calibration.picture import Shot, judge, measure
from tests.calibration.test_drift import room, seen

Image = np.ndarray


def shots(
    change: Callable[[Image, int], Image] = lambda image, _: image,
    rate: float = 10.0,
    person: tuple[float, ...] = (0.5,),
    width: int = 960,
) -> list[Shot]:
    base = room(width=width, height=width * 9 // 16)
    return [Shot(n / rate, change(seen(base, n), n), person) for n in range(20)]


def problems(found: list[Shot]) -> list[str]:
    return judge(measure(found, "2026-05-31"), found)


def test_a_good_picture() -> None:
    found = shots()
    measured = measure(found, "2026-05-31")
    assert (measured.width, measured.height, measured.fps) == (960, 540, 10.0)
    assert measured.person == 0.5
    assert problems(found) == []


def clipped(image: np.ndarray) -> Image:
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def banded(image: Image, n: int) -> Image:
    """Mains light under a rolling shutter."""
    rows = np.arange(len(image))[:, None, None]
    return clipped(image + 9 * np.sin(rows / 40 + 1.3 * n))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (shots(lambda image, _: cv2.GaussianBlur(image, (0, 0), 4)), "not sharp"),
        (shots(lambda image, _: clipped(image * 0.2)), "dark"),
        (shots(lambda image, _: clipped(image * 2.5)), "too bright"),
        (shots(banded), "flickers"),
        (shots(lambda image, n: clipped(image * (1 + 0.06 * (n % 2)))), "flickers"),
        (shots(rate=4.0), "Only 4 pictures"),
        (shots(width=480), "480×270 pixels"),
        (shots(person=()), "No person"),
        (shots(person=(0.15,)), "81 pixels tall"),
        (shots(person=(0.95,)), "fills the picture"),
    ],
)
def test_what_is_wrong_is_said(found: list[Shot], said: str) -> None:
    complaints = problems(found)
    assert complaints
    assert said in " ".join(complaints)


def test_a_picture_that_stands_still() -> None:
    found = shots()
    still = [Shot(shot.time, found[0].image, shot.people) for shot in found]
    assert "stands still" in problems(still)[0]


MOST = Mask(points=((0.2, 0.0), (1.0, 0.0), (1.0, 1.0), (0.2, 1.0)))


def masked(image: Image, _: int = 0) -> Image:
    """Blank the picture but for its left fifth."""
    image = image.copy()
    image[:, image.shape[1] // 5 :] = 0
    return image


def test_a_picture_that_is_masked_for_the_most_part_is_judged_by_the_rest() -> None:
    found = shots(masked)
    measured = measure(found, "2026-05-31", [MOST])
    assert judge(measured, found, masks=[MOST]) == []
    whole = measure(shots(), "2026-05-31")
    assert measured.brightness == pytest.approx(whole.brightness, abs=25)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda image, _: clipped(image * 0.2), "dark"),
        (lambda image, _: cv2.GaussianBlur(image, (0, 0), 4), "not sharp"),
        (banded, "flickers"),
    ],
)
def test_faults_of_a_masked_picture_are_found(
    change: Callable[[Image, int], Image], said: str
) -> None:
    found = shots(lambda image, n: masked(change(image, n)))
    (problem,) = judge(measure(found, "2026-05-31", [MOST]), found, masks=[MOST])
    assert said in problem


def test_a_masked_picture_is_not_taken_for_a_black_one() -> None:
    reference = make_reference(masked(seen(room(), 0)))
    assert compare(reference, masked(seen(room(), 1))).problem == ""
    dark = clipped(seen(room(), 1) * 0.01)
    assert compare(reference, masked(dark)).problem == "black"
