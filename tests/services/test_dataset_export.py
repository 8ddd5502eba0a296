"""From a film or a recording to a data set, and from the corrected file back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from calibration import parse_camera
from common.image import Image
from models.coco import read_coco
from models.corrections import CORRECTED, FOUND, IMAGES
from models.detectors.protocol import RawDetections
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from services.dataset_export import Choice, export_dataset
from services.datasets import (
    Corrections,
    corrected_pictures,
    import_corrections,
    list_datasets,
    purge_datasets,
    remove_dataset,
)
from services.privacy import read_record, write_papers
from store import Site, open_site
from vision.detect import Detections
from vision.film import Film, FilmWriter
from vision.frame import Frame
from vision.recorder import Recorder
from web.readers import list_readers

WIDTH, HEIGHT = 192, 128
MASK = {"points": [[0.8, 0.0], [1.0, 0.0], [1.0, 1.0], [0.8, 1.0]]}
CAMERA = parse_camera({"name": "door", "source": "0", "mask": [MASK]}, "test").confirm_masks(
    "Anna", "x", WIDTH, HEIGHT
)
PERSON, COAT = (40, 10, 80, 120), (90, 40, 120, 90)
ALL = Choice(100, 0.0)


class Painted:
    """Detects a red person and a green coat; a dark green one is below the threshold."""

    classes = ("person", "coat")

    def detect(
        self, image: Image, threshold_factor: float = 1.0, full_side: int = 0
    ) -> RawDetections:
        boxes, scores, classes = [], [], []
        for number, channel in enumerate((2, 1)):
            others = np.delete(image, channel, axis=2).max(2).astype(int)
            hot = (image[..., channel].astype(int) - others > 60).astype(np.uint8)
            hot = cv2.morphologyEx(hot, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
            if hot.any():
                left, top, width, height = cv2.boundingRect(hot)
                boxes.append([left, top, left + width, top + height])
                scores.append(float(np.median(image[..., channel][hot > 0])) / 255)
                classes.append(number)
        rows = [n for n, score in enumerate(scores) if score >= 0.6 * threshold_factor]
        return RawDetections(
            np.array(boxes, np.float32).reshape(-1, 4)[rows],
            np.array(scores, np.float32)[rows],
            np.array(classes, np.int64)[rows],
        )


@pytest.fixture(autouse=True)
def painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.dataset_export.load_site_detector", lambda _: Painted())


def paint(*shapes: tuple[tuple[int, int, int, int], tuple[int, int, int]]) -> Image:
    image = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    for (left, top, right, bottom), colour in shapes:
        image[top:bottom, left:right] = colour
    return image


RED, GREEN, DARK = (0, 0, 250), (0, 250, 0), (0, 110, 0)


@pytest.fixture
def site(site: Site) -> Site:
    path = site.folder / "fittingroom.toml"
    text = path.read_text().replace("[privacy]", "[privacy]\ntraining_pictures = true")
    path.write_text(text)
    return open_site(site.folder)


def film(site: Site, images: Sequence[Image], rate: float = 2.0) -> Path:
    record = Film("door", "Anna and Tom, to improve detection", "Anna", 1000.0, 50_000.0)
    with FilmWriter(site.recordings, CAMERA, rate, record) as writer:
        for number, image in enumerate(images):
            writer.write(Frame("door", number / rate, image))
    return writer.path


@pytest.fixture
def steps() -> list[Image]:
    """Six frames: in the third the coat is dark, in the last two there is none."""
    both = paint((PERSON, RED), (COAT, GREEN))
    alone = paint((PERSON, RED))
    return [both, both, paint((PERSON, RED), (COAT, DARK)), both, alone, alone]


def test_frames_in_doubt_are_exported_with_pictures(site: Site, steps: list[Image]) -> None:
    record, folder, count = export_dataset(site, CAMERA, film(site, steps), "one", ALL, 2000.0)
    pictures = read_coco(folder / FOUND)
    assert [one.file for one in pictures] == [
        f"door-1000-{ms:09d}.jpg" for ms in (500, 1000, 1500, 2000)
    ]
    assert count == 4
    classes = [[DETECTOR_CLASSES[c] for c in one.classes] for one in pictures]
    assert classes == [["person", "coat"], ["person"], ["person", "coat"], ["person"]]
    np.testing.assert_allclose(pictures[0].boxes[1], COAT, atol=3)
    assert (record.consent, record.by) == ("Anna and Tom, to improve detection", "Anna")
    assert record.expires == 2000.0 + 30 * 86400
    image = cv2.imread(str(folder / IMAGES / pictures[0].file))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image[:, 160:].max() < 20  # the privacy mask
    assert list_datasets(site) == [record]


def test_heads_are_pixelated(site: Site) -> None:
    checks = np.indices((HEIGHT, WIDTH)).sum(0) // 4 % 2 * 200
    textured = paint((PERSON, RED), (COAT, DARK))
    textured[10:25, 40:80, 2] = 250 - checks[10:25, 40:80]
    export_dataset(site, CAMERA, film(site, [textured] * 3), "one", ALL, 0.0)
    path = next((site.folder / "datasets" / "one" / IMAGES).iterdir())
    head = cv2.imread(str(path))[12:24, 45:75, 2]
    before = textured[12:24, 45:75, 2]
    assert np.std(before.astype(float)) > 80
    assert np.std(head.astype(float)) < 60


def test_no_pictures_without_the_setting_or_consent(site: Site, steps: list[Image]) -> None:
    path = film(site, steps)
    off = open_site(site.folder)
    settings = off.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("training_pictures = true", ""))
    with pytest.raises(ModelError, match=r"privacy\.training_pictures is false.*boxes alone"):
        export_dataset(open_site(site.folder), CAMERA, path, "one", ALL, 0.0)
    other = site.folder / "other.mp4"
    other.write_bytes(path.read_bytes())
    with pytest.raises(ModelError, match=r"no film with a record of consent.*--consent"):
        export_dataset(site, CAMERA, other, "one", ALL, 0.0)
    assert list_datasets(site) == []


def record(folder: Path) -> Path:
    path = folder / "door.jsonl.gz"
    with Recorder(path, CAMERA, 2.0, None, None) as recorder:
        for number, has_coat in enumerate((True, False, True)):
            frame = Frame("door", number / 2, paint())
            painted = paint((PERSON, RED), *([(COAT, GREEN)] if has_coat else []))
            found = Painted().detect(painted)
            recorder.write(as_detections(frame, found))
    return path


def as_detections(frame: Frame, found: RawDetections) -> Detections:
    from vision.detect import detect

    class Fixed(Painted):
        def detect(self, *_: object, **__: object) -> RawDetections:
            return found

    return detect(Fixed(), frame)


def test_a_recording_of_detections_gives_boxes_alone(site: Site, tmp_path: Path) -> None:
    settings = site.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("training_pictures = true", ""))
    plain = open_site(site.folder)
    made, folder, count = export_dataset(plain, CAMERA, record(tmp_path), "one", ALL, 0.0)
    assert (made.pictures, made.expires, count) == (False, None, 3)
    assert list((folder / IMAGES).iterdir()) == []
    assert [len(one.boxes) for one in read_coco(folder / FOUND)] == [2, 1, 2]


def test_nothing_in_doubt_and_taken_names(site: Site, steps: list[Image]) -> None:
    calm = film(site, [steps[0]] * 4)
    with pytest.raises(ModelError, match="in doubt nowhere"):
        export_dataset(site, CAMERA, calm, "one", ALL, 0.0)
    assert list((site.folder / "datasets").iterdir()) == []
    export_dataset(site, CAMERA, film(site, steps), "one", ALL, 0.0)
    for name in ("one", "../up", "Two"):
        with pytest.raises(ModelError, match="is taken or not of"):
            export_dataset(site, CAMERA, film(site, steps), name, ALL, 0.0)


Change = Callable[[dict[str, object]], None]


def corrected(site: Site, folder: Path, change: Change) -> Path:
    """Correct the exported boxes as another program does."""
    document = json.loads((site.folder / "datasets" / "one" / FOUND).read_text())
    change(document)
    path = folder / "from-cvat.json"
    path.write_text(json.dumps(document))
    return path


def test_corrections_come_back(site: Site, steps: list[Image], tmp_path: Path) -> None:
    export_dataset(site, CAMERA, film(site, steps), "one", ALL, 0.0)

    def change(document: dict[str, object]) -> None:
        document["annotations"].append(  # the coat that was missed  # type: ignore[attr-defined]
            {"id": 99, "image_id": 2, "category_id": 6, "bbox": [90, 40, 30, 50]}
        )
        del document["annotations"][0]  # type: ignore[attr-defined]

    found = import_corrections(site, "one", corrected(site, tmp_path, change))
    assert found == Corrections(pictures=4, boxes=6, added=1, removed=1, for_training=4, held_out=0)
    pictures = corrected_pictures(site)
    assert len(pictures) == 4
    assert DETECTOR_CLASSES[pictures[1].boxed.classes[-1]] == "coat"


def other_size(document: dict[str, object]) -> None:
    document["images"][0]["width"] = 100  # type: ignore[index]


def other_name(document: dict[str, object]) -> None:
    document["images"][0]["file_name"] = "x.jpg"  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (other_size, r"is 100×128, and was exported as 192×128"),
        (other_name, r"'x\.jpg' is not of this data set"),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    site: Site, steps: list[Image], tmp_path: Path, change: Change, message: str
) -> None:
    export_dataset(site, CAMERA, film(site, steps), "one", ALL, 0.0)

    def small(document: dict[str, object]) -> None:
        document["annotations"] = []
        change(document)

    with pytest.raises(ModelError, match=message):
        import_corrections(site, "one", corrected(site, tmp_path, small))
    assert not (site.folder / "datasets" / "one" / CORRECTED).exists()
    with pytest.raises(ModelError, match="no data set 'two'; known: one"):
        import_corrections(site, "two", tmp_path / "from-cvat.json")


def test_pictures_are_deleted_in_time(site: Site, steps: list[Image], tmp_path: Path) -> None:
    export_dataset(site, CAMERA, film(site, steps), "one", ALL, 0.0)
    export_dataset(site, CAMERA, record(tmp_path), "boxes", ALL, 0.0)
    assert purge_datasets(site, 30 * 86400 - 1) == 0
    assert purge_datasets(site, 30 * 86400) == 1
    assert [one.name for one in list_datasets(site)] == ["boxes"]
    remove_dataset(site, "boxes")
    assert list_datasets(site) == []


def test_pictures_whose_record_is_broken_are_deleted_in_time(
    site: Site, steps: list[Image]
) -> None:
    for name in ("one", "two"):
        export_dataset(site, CAMERA, film(site, steps), name, ALL, 0.0)
    folders = [site.folder / "datasets" / name for name in ("one", "two")]
    (folders[0] / "dataset.json").write_text("{")
    (folders[1] / "dataset.json").unlink()
    for folder in folders:
        os.utime(folder, (0, 0))
    assert purge_datasets(site, 30 * 86400 - 1) == 0
    assert purge_datasets(site, 30 * 86400) == 2
    assert not any(folder.exists() for folder in folders)


def test_the_housekeeper_deletes_them(site: Site, steps: list[Image]) -> None:
    from services.retention import Housekeeper
    from vision.clock import Clocks

    export_dataset(site, CAMERA, film(site, steps), "one", ALL, 0.0)
    now = 31 * 86400.0
    Housekeeper(site, Clocks(lambda: now, lambda: now)).tidy()
    assert list_datasets(site) == []


def test_the_privacy_papers_say_so(site: Site, tmp_path: Path) -> None:
    record = read_record(site, 0.0, list_readers())
    kept = {one.what: one.until for one in record.kept}
    assert kept["pictures out of such video, heads pixelated, to improve detection"] == "30 days"
    for language, words in (("en", "heads are made unrecognisable"), ("de", "Köpfe unkenntlich")):
        files = write_papers(record, language, tmp_path / language)  # type: ignore[arg-type]
        [notice] = [path for path in files if path.name.startswith("notice")]
        assert words in notice.read_text()
    settings = site.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("training_pictures = true", ""))
    record = read_record(open_site(site.folder), 0.0, list_readers())
    files = write_papers(record, "en", tmp_path / "off")
    [notice] = [path for path in files if path.name.startswith("notice")]
    assert "unrecognisable" not in notice.read_text()
