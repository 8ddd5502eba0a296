"""A detector that was trained elsewhere, taken over with our names for its classes."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from models.detectors.yolo import YoloDetector
from models.errors import ModelError
from models.manifest import load_detector_entry
from models.training.detector.adopt import adopt_detector, map_classes
from models.training.torch_runtime import keep_ultralytics_offline

pytestmark = pytest.mark.filterwarnings("ignore")  # Ultralytics warns about itself

NAMES = {0: "tshirt", 1: "person", 2: "hoodie", 3: "dog", 4: "sweater"}
#: The class that each scale of the network sees everywhere, and its logit.
SCORES = {1: 1.0, 4: 2.0, 2: 3.0}
OURS = {"tshirt": "top", "hoodie": "sweater"}


def write_weights(path: Path, architecture: str = "yolo11n.yaml") -> None:
    """Write weights as Ultralytics does after a training; each scale sees one class everywhere."""
    keep_ultralytics_offline()
    torch.manual_seed(3)
    tasks = importlib.import_module("ultralytics.nn.tasks")
    network = tasks.DetectionModel(architecture, nc=len(NAMES), verbose=False).eval()
    for name, last in network.model[-1].named_modules():
        if scale := re.fullmatch(r"(?:one2one_)?cv3\.(\d)\.2", name):
            torch.nn.init.zeros_(last.weight)
            torch.nn.init.constant_(last.bias, -9.0)
            class_number, logit = list(SCORES.items())[int(scale[1])]
            last.bias.data[class_number] = logit
    network.names, network.args = NAMES, {}
    torch.save({"model": network, "train_args": {}}, path)


def test_classes_are_joined_and_ordered_as_ours() -> None:
    classes, outputs = map_classes(NAMES, OURS, "my.pt")
    assert classes == ("person", "top", "sweater")
    assert outputs == ((1,), (0,), (2, 4))


@pytest.mark.parametrize(
    ("names", "named", "message"),
    [
        (NAMES, {"cap": "top"}, "no class 'cap'; it has: tshirt, person"),
        (NAMES, {"tshirt": "t-shirt"}, "'t-shirt' is no class; classes are: person, top"),
        ({0: "person", 1: "dog"}, {}, "at least one category"),
        ({0: "top"}, {}, "people and at least one"),
    ],
)
def test_classes_that_do_not_fit(
    names: dict[int, str], named: dict[str, str], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        map_classes(names, named, "my.pt")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the older architecture, with a detector adopted from them beside; to be copied."""
    folder = tmp_path_factory.mktemp("adopted")
    write_weights(folder / "my.pt")
    adopt_detector(folder / "my.pt", folder / "models" / "mine", OURS, 128, 0.4)
    return folder


@pytest.mark.parametrize("architecture", ["yolo11n.yaml", "yolo26n.yaml"])
def test_its_detections_are_those_of_its_network(
    weights: Path, tmp_path: Path, architecture: str
) -> None:
    if architecture == "yolo11n.yaml":
        folder = weights / "models" / "mine"
        entry = load_detector_entry(folder)
    else:
        write_weights(tmp_path / "my.pt", architecture)
        folder = tmp_path / "models" / "mine"
        entry = adopt_detector(tmp_path / "my.pt", folder, OURS, 128, 0.5)
    assert entry.classes == ("person", "top", "sweater")
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    found = YoloDetector(folder).detect(image)
    best = {int(n): float(found.scores[found.classes == n].max()) for n in set(found.classes)}
    person, _, hoodie = torch.sigmoid(torch.tensor([*SCORES.values()])).tolist()
    assert best == {0: pytest.approx(person, abs=0.01), 2: pytest.approx(hoodie, abs=0.01)}


def test_what_is_no_model_changes_nothing(weights: Path, tmp_path: Path) -> None:
    shutil.copytree(weights, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "models" / "mine"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "bad.pt").write_bytes(b"nothing")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    for name, message in (
        ("bad.pt", "not weights of a YOLO detector"),
        ("bad.onnx", "no ONNX file with class names"),
        ("none.pt", "cannot be read"),
        ("none.onnx", "cannot be read"),
        ("my.txt", "neither a .pt file"),
    ):
        with pytest.raises(ModelError, match=message):
            adopt_detector(tmp_path / name, folder, OURS, 128, 0.4)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_ultralytics_own_export_is_taken_over(weights: Path, tmp_path: Path) -> None:
    shutil.copy(weights / "my.pt", tmp_path)
    yolo = importlib.import_module("ultralytics").YOLO(tmp_path / "my.pt")
    exported = yolo.export(format="onnx", dynamic=True, imgsz=128, opset=17, simplify=False)
    entry = adopt_detector(Path(exported), tmp_path / "models" / "mine", OURS, 128, 0.0)
    assert entry.outputs == ((1,), (0,), (2, 4))
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    assert YoloDetector(tmp_path / "models" / "mine").detect(image).boxes.size
