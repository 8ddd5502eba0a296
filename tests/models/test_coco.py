"""COCO files as CVAT and Label Studio write them, and what is refused in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.coco import BoxedPicture, read_coco, write_coco
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES

COAT = DETECTOR_CLASSES.index("coat")


def picture(file: str = "a.jpg", *boxes: tuple[float, ...]) -> BoxedPicture:
    shown = boxes or ((10, 20, 60, 90), (30, 40, 50, 70.5))
    classes = np.array([0, *[COAT] * (len(shown) - 1)], np.int64)
    return BoxedPicture(file, 100, 96, np.array(shown, np.float32), classes)


def document(**changed: Any) -> dict[str, Any]:
    """A file as another program writes it: other numbers, other names, folders."""
    return {
        "images": [{"id": 7, "file_name": "upload/1/a.jpg", "width": 100, "height": 96}],
        "categories": [{"id": 0, "name": "person"}, {"id": 4, "name": "hoodie"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 4, "bbox": [10, 20, 30, 40]}],
        **changed,
    }


def saved(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "corrected.json"
    path.write_text(json.dumps(content))
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    empty = BoxedPicture("b.jpg", 100, 96, np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    write_coco(path, [picture(), empty], {"description": "test"})
    one, other = read_coco(path)
    np.testing.assert_allclose(one.boxes, picture().boxes)
    assert one.classes.tolist() == [0, COAT]
    assert (one.file, one.width, one.height) == ("a.jpg", 100, 96)
    assert len(other.boxes) == 0
    written = json.loads(path.read_text())
    assert [c["name"] for c in written["categories"]] == list(DETECTOR_CLASSES)
    assert written["annotations"][1]["bbox"] == [30, 40, 20, 30.5]
    assert written["annotations"][1]["area"] == 610
    assert {entry["iscrowd"] for entry in written["annotations"]} == {0}


def test_supervision_reads_it_too(tmp_path: Path) -> None:
    """A reader of another library finds the same boxes."""
    import cv2
    import supervision as sv

    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((96, 100, 3), np.uint8))
    write_coco(tmp_path / "boxes.json", [picture()], {})
    found = sv.DetectionDataset.from_coco(str(tmp_path), str(tmp_path / "boxes.json"))
    [(_, _, boxes)] = list(found)
    np.testing.assert_allclose(boxes.xyxy, picture().boxes, atol=1)
    assert [found.classes[n] for n in boxes.class_id] == ["person", "coat"]


def test_other_numbers_names_and_folders(tmp_path: Path) -> None:
    [one] = read_coco(saved(tmp_path, document()), {"hoodie": "sweater"})
    assert one.file == "a.jpg"
    assert one.boxes.tolist() == [[10, 20, 40, 60]]
    assert DETECTOR_CLASSES[one.classes[0]] == "sweater"


def test_a_category_without_a_box_needs_no_class(tmp_path: Path) -> None:
    [one] = read_coco(saved(tmp_path, document(annotations=[])))
    assert len(one.boxes) == 0


def boxed(*box: float, **keys: Any) -> dict[str, Any]:
    return document(
        annotations=[{"id": 1, "image_id": 7, "category_id": 0, "bbox": [*box], **keys}]
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (document(), r"category 'hoodie' is none of ours .*--class hoodie=top"),
        (document(images=[]), r"images: .*at least 1 item.*in CVAT as COCO 1.0"),
        (document(categories=None), r"categories: Input should be a valid array"),
        (boxed(1, 2, 3), r"annotations.0.bbox.3: Field required|annotations.0.bbox: "),
        (boxed(10, 10, 0, 5), r"annotations.0.bbox: \[10.0, 10.0, 0.0, 5.0\] is no box"),
        (boxed(90, 10, 30, 5), r"ends 20 px outside its picture upload/1/a.jpg \(100×96\)"),
        (boxed(1, 1, 5, 5, image_id=8), r"annotations.0.image_id: there is no picture 8"),
        (boxed(1, 1, 5, 5, category_id=9), r"annotations.0.category_id: there is no category 9"),
        (
            document(images=document()["images"] * 2, annotations=[]),
            r"two pictures have the same id",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_coco(saved(tmp_path, content))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no\.json: cannot be read"):
        read_coco(tmp_path / "no.json")
    (tmp_path / "x.json").write_text("<html>")
    with pytest.raises(ModelError, match=r"x\.json: Invalid JSON"):
        read_coco(tmp_path / "x.json")
    with pytest.raises(ModelError, match="has no category 'tee'"):
        read_coco(saved(tmp_path, document()), {"tee": "top"})
    with pytest.raises(ModelError, match="'pullover' is no class"):
        read_coco(saved(tmp_path, document()), {"hoodie": "pullover"})


def test_a_box_that_was_rounded_is_cut(tmp_path: Path) -> None:
    [one] = read_coco(saved(tmp_path, boxed(-1, 10, 102, 86.5)))
    assert one.boxes.tolist() == [[0, 10, 100, 96]]
