"""The parser's training on drawn articles: examples, resuming, export and evaluation."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.errors import ModelError
from models.parsers.mobilenet import MobileNetParser
from models.parsers.protocol import CLASSES, PICTURE_CLASSES
from models.training.data import held_out
from models.training.parser.dataset import ParserDataset, kind_of
from models.training.parser.evaluation import measure_overlap, summarise
from models.training.parser.export import export_parser
from models.training.parser.labels import IGNORED, read_class_table
from models.training.parser.network import INPUT_SIZE
from models.training.parser.trainer import ParserRecipe, train_parser

TINY = ParserRecipe(steps=2, batch=2)


@pytest.fixture(scope="session")
def root(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small data folder with random weights of a backbone."""
    from models.training.torch_runtime import import_torchvision

    import_torchvision()
    from torchvision.models import mobilenet_v2

    folder = tmp_path_factory.mktemp("parser")
    (folder / "data").symlink_to(data / "data")
    (folder / "weights").mkdir()
    torch.manual_seed(0)
    torch.save(
        mobilenet_v2(num_classes=1001).state_dict(), folder / "weights/mobilenetv2-imagenet.pt"
    )
    return folder


def test_labels_are_classes_or_ignored(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    labels = tmp_path / "data" / "people_labels.json"
    labels.write_text('["null", "skin", "jeans", "suit", "heels"]')
    table = read_class_table(tmp_path)
    named = [CLASSES[table[n]] for n in (0, 1, 2, 4)]
    assert named == ["background", "person", "jeans", "shoes"]
    assert table[3] == table[9] == IGNORED  # two garments in one; unknown
    labels.write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        read_class_table(tmp_path)


def test_examples_are_the_same_for_the_same_numbers(root: Path) -> None:
    dataset = ParserDataset(root, INPUT_SIZE)
    first = [dataset.draw(np.random.default_rng([1, n])) for n in range(24)]
    again = [dataset.draw(np.random.default_rng([1, n])) for n in range(24)]
    for one, other in zip(first, again, strict=True):
        assert one.image.shape == (*INPUT_SIZE, 3)
        assert (one.image == other.image).all()
        assert (one.labels == other.labels).all()
    assert {"worn", "packshot"} <= {PICTURE_CLASSES[example.kind] for example in first}
    known = np.concatenate([example.labels.ravel() for example in first])
    assert set(np.unique(known)) <= {*range(len(CLASSES)), IGNORED}


def test_kinds_follow_what_a_window_shows() -> None:
    labels = np.zeros((100, 100), np.uint8)
    assert kind_of(labels) == "nothing"
    labels[20:80, 20:60] = CLASSES.index("coat")
    assert kind_of(labels) == "worn"
    labels[:] = CLASSES.index("coat")
    assert kind_of(labels) == "detail"


def test_training_resumes_and_its_export_runs(root: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    checkpoint = train_parser(root, run, replace(TINY, steps=1))
    first = torch.load(checkpoint, weights_only=True)
    assert first["step"] == 1
    train_parser(root, run, TINY)
    second = torch.load(checkpoint, weights_only=True)
    assert second["step"] == 2
    name = "classes.weight"
    assert not torch.equal(first["network"][name], second["network"][name])
    frozen = "features.0.0.weight"
    assert torch.equal(first["network"][frozen], second["network"][frozen])
    train_parser(root, run, TINY)  # complete: nothing to do
    assert torch.load(checkpoint, weights_only=True)["step"] == 2
    shutil.copy(checkpoint, tmp_path / "other.pt")
    export_parser(tmp_path / "other.pt", run)
    parser = MobileNetParser(run)
    parsed = parser.parse([np.zeros((50, 30, 3), np.uint8)])
    assert parsed.pixels.shape == (1, len(CLASSES), 96, 64)
    people = [p for p in (root / "data" / "people").glob("*.jpg") if held_out(p.stem)]
    found = measure_overlap(parser, root, studio=True)
    assert sum(found.taken_for.values()) == len(people)
    assert found.figures()["by_category"]["dress"]["garments"] == len(people)


def test_a_checkpoint_of_another_training_is_refused(root: Path, tmp_path: Path) -> None:
    torch.save({"average": {}}, tmp_path / "parser.pt")
    with pytest.raises(ModelError, match="another training"):
        train_parser(root, tmp_path, TINY)
    with pytest.raises(ModelError, match="not a checkpoint"):
        export_parser(tmp_path / "parser.pt", tmp_path / "out")


def test_intervals_hold_the_mean() -> None:
    figures = summarise([0.0, 0.5, 1.0] * 20)
    low, high = figures["interval"]
    assert low < figures["iou"] == 0.5 < high
    assert figures["above_half"] == pytest.approx(1 / 3, abs=1e-3)
    assert summarise([]) == {"garments": 0}
