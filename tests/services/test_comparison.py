"""Two detectors on a site's corrected pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from cli.program import fittingroom
from models.coco import BoxedPicture, write_coco
from models.corrections import CORRECTED, IMAGES, picture_name
from models.detectors.protocol import RawDetections
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from services.comparison import compare_detectors
from services.datasets import Dataset, datasets_folder, save_record
from store import Site, open_site
from tests.services.test_site_models import add_model

PERSON, COAT = (10, 10, 60, 110), (60, 30, 100, 80)


class Fixed:
    """Detects the person, and the coat in some pictures; in dark ones it makes up another."""

    classes = ("person", "coat")

    def __init__(self, misses_every: int) -> None:
        self._every = misses_every

    def detect(
        self, image: np.ndarray, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        number = int(np.median(image)) // 5
        boxes, scores, classes = [PERSON], [0.9], [0]
        if number % self._every:
            boxes.append(COAT)
            scores.append(0.8)
            classes.append(1)
        else:
            boxes.append((110, 10, 120, 30))
            scores.append(0.7)
            classes.append(1)
        return RawDetections(
            np.array(boxes, np.float32), np.array(scores, np.float32), np.array(classes, np.int64)
        )


@pytest.fixture
def detectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """`good` misses one coat in ten, `bad` one in two."""
    every = {"good": 10, "bad": 2, "yolo": 10}
    monkeypatch.setattr(
        "services.comparison.open_detector", lambda name, *_, **__: Fixed(every[name])
    )


def correct(site: Site, minutes: int = 10) -> None:
    """Give a site corrected pictures, four in each half minute."""
    folder = datasets_folder(site) / "one"
    (folder / IMAGES).mkdir(parents=True)
    save_record(folder, Dataset("one", "door", "door-1.mp4", True, "yes", "Anna", 0.0, 9e9))
    pictures = []
    for number in range(8 * minutes):
        name = picture_name("door-1", 7.5 * number)
        cv2.imwrite(
            str(folder / IMAGES / name), np.full((128, 128, 3), 5 * (number % 40), np.uint8)
        )
        classes = np.array([0, DETECTOR_CLASSES.index("coat")], np.int64)
        boxes = np.array([PERSON, COAT], np.float32)
        pictures.append(BoxedPicture(name, 128, 128, boxes, classes))
    write_coco(folder / CORRECTED, pictures, {})


def test_without_corrected_pictures_there_is_nothing_to_compare(site: Site) -> None:
    assert compare_detectors(site, "yolo", "yolo") is None


@pytest.mark.usefixtures("detectors")
def test_the_figures_of_both(site: Site) -> None:
    correct(site)
    found = compare_detectors(site, "good", "bad")
    assert found is not None
    assert found.pictures == 16  # four of twenty half minutes
    assert found.held_out
    assert found.old.people.recall == found.new.people.recall == 1
    assert found.new.garments.recall == pytest.approx(0.5, abs=0.1)
    assert found.old.garments.recall > 0.8
    assert found.new.garments.false_per_100 == pytest.approx(50, abs=10)
    assert found.new.garments.ap50 < found.old.garments.ap50
    assert [text.partition(" instead")[0].split()[:2] for text in found.worse] == [
        ["garments", "ap50"],
        ["garments", "recall"],
    ]
    other = compare_detectors(site, "bad", "good")
    assert other is not None
    assert not other.worse


@pytest.mark.usefixtures("detectors")
def test_too_few_pictures_are_compared_and_it_says_so(site: Site) -> None:
    correct(site, minutes=0)
    folder = datasets_folder(site) / "one"
    name = picture_name("door-1", 1.0)
    cv2.imwrite(str(folder / IMAGES / name), np.zeros((128, 128, 3), np.uint8))
    boxes = np.array([PERSON], np.float32)
    write_coco(folder / CORRECTED, [BoxedPicture(name, 128, 128, boxes, np.array([0]))], {})
    found = compare_detectors(site, "good", "bad")
    assert found is not None
    assert not found.held_out


@pytest.mark.usefixtures("detectors")
def test_a_picture_of_another_size_is_said(site: Site) -> None:
    correct(site)
    for path in (datasets_folder(site) / "one" / IMAGES).iterdir():
        cv2.imwrite(str(path), np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(ModelError, match="is 64×64, its boxes are of 128×128"):
        compare_detectors(site, "good", "bad")


def call(site: Site, *words: str) -> tuple[int, str]:
    found = CliRunner().invoke(fittingroom, ["model", *words, "--site", str(site.folder)])
    return found.exit_code, f"{found.output}{found.exception or ''}"


def used(site: Site) -> str:
    return open_site(site.folder).settings.vision.detector


@pytest.mark.usefixtures("detectors")
def test_a_worse_detector_is_used_only_by_force(site: Site) -> None:
    correct(site)
    for name in ("good", "bad"):
        add_model(site, name)
    code, said = call(site, "use", "good")
    assert (code, used(site)) == (0, "good"), said
    assert "yolo: garments AP50" in said
    code, said = call(site, "use", "bad")
    assert code != 0
    assert "bad is worse than good on this site's pictures: garments ap50" in said
    assert "--force" in said
    assert used(site) == "good"
    code, said = call(site, "use", "bad", "--force")
    assert (code, used(site)) == (0, "bad"), said
    assert "To go back: fittingroom model use good" in said
    code, said = call(site, "use", "good")
    assert (code, used(site)) == (0, "good"), said


def test_what_was_not_compared_is_said(site: Site, tmp_path: Path) -> None:
    add_model(site, "mine")
    code, said = call(site, "use", "mine")
    assert code == 0
    assert "It is not compared with yolo" in said
    code, said = call(site, "compare", "mine")
    assert code != 0
    assert "no corrected pictures" in said
