from __future__ import annotations

import re
import zlib

import numpy as np
import pytest

from calibration import Camera, CameraError
from calibration.badge import badges_pdf, least_side
from calibration.board import Paper
from calibration.picture import Picture


def camera(person: float, height: int = 1080) -> Camera:
    picture = Picture(
        width=1920, height=height, fps=25, sharpness=1, brightness=120, flicker=0,
        person=person, date="2026-01-01",
    )  # fmt: skip
    return Camera(version=3, name="door", source="rtsp://camera/1", picture=picture)


def test_the_size_follows_from_how_tall_people_are() -> None:
    assert least_side(camera(0.5)) == pytest.approx(0.08), "540 pixels for 1.7 m"
    assert least_side(camera(0.5, 2160)) == pytest.approx(0.04)
    assert least_side(camera(0.1, 432)) == pytest.approx(0.14), "no larger than a page"
    assert least_side(camera(0.0)) is None
    assert least_side(Camera(version=3, name="door", source="rtsp://camera/1")) is None


@pytest.mark.parametrize(("paper", "side"), [("a4", 0.14), ("letter", 0.14), ("a4", 0.1)])
def test_badges_are_printed_true_to_size(paper: Paper, side: float) -> None:
    marks = black_marks(badges_pdf(paper, side))
    points = side / 0.0254 * 72
    across = np.unique(marks[:, 0].round(1))
    assert across[-1] - across[0] == pytest.approx(points, abs=0.2), "one badge across the page"
    assert len(badges_pdf(paper, 0.03)) > len(badges_pdf(paper, side))


@pytest.mark.parametrize("side", [0.02, 0.15, float("nan")])
def test_a_size_that_does_not_fit_is_refused(side: float) -> None:
    with pytest.raises(CameraError, match="3 to 14 cm"):
        badges_pdf("a4", side)


def black_marks(pdf: bytes) -> np.ndarray:
    """Find the corners of what a page's first tag is drawn of; N×2 points."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    drawn = max((zlib.decompress(raw) for raw in streams if raw[:1] == b"x"), key=len)
    # The page's own outline comes first, then the black runs of the first tag in one path.
    tag = next(
        part for part in re.split(r"\n[fFbB]\*?\n", drawn.decode("latin-1"))[1:] if " l\n" in part
    )
    marks = [tuple(map(float, at)) for at in re.findall(r"([\d.]+) ([\d.]+) l\n", tag)]
    return np.array(marks)
