"""One recipe, whichever command starts a training."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import torch

from cli import train
from models.training.detector import standalone, trainer
from models.training.detector.recipe import DetectorRecipe
from models.training.embedder import standalone as embedder_standalone
from models.training.embedder import trainer as embedder_trainer
from models.training.embedder.recipe import EmbedderRecipe
from models.training.recipe import build_recipe


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The recipes that trainings were started with."""
    recipes: list[object] = []

    def note(_root: object, _run: object, recipe: object, *_: object, **__: object) -> Path:
        recipes.append(recipe)
        return tmp_path / "last.pt"

    monkeypatch.chdir(tmp_path)
    Path("poses.json").write_text("{}")
    monkeypatch.setattr(trainer, "train_detector", note)
    monkeypatch.setattr(embedder_trainer, "train_embedder", note)
    monkeypatch.setattr(train, "export_detector_to", lambda *_: None)
    monkeypatch.setattr("models.training.embedder.export.export_embedder", lambda *_: None)
    monkeypatch.setattr(cv2, "setNumThreads", lambda _: None)
    return recipes


@pytest.mark.parametrize(
    ("options", "recipe"),
    [
        ([], DetectorRecipe()),
        (["--minutes", "5", "--workers", "3", "--seed", "4"], DetectorRecipe(5, workers=3, seed=4)),
        (["--scenes", "9", "--batch", "2", "--rate", "0.1"],
         DetectorRecipe(scenes=9, batch=2, rate=0.1)),
    ],
)  # fmt: skip
def test_the_detectors_commands_build_one_recipe(
    options: list[str], recipe: DetectorRecipe, trained: list[object]
) -> None:
    train.train.main(["detector", "--data", ".", *options], standalone_mode=False)
    standalone.main(["--run", "run", *options])
    assert trained == [recipe, recipe]


@pytest.mark.parametrize(
    ("options", "recipe"),
    [
        ([], EmbedderRecipe()),
        (["--steps", "5", "--batch", "2", "--workers", "3"],
         EmbedderRecipe(5, articles_per_step=2, workers=3)),
    ],
)  # fmt: skip
def test_the_embedders_commands_build_one_recipe(
    options: list[str], recipe: EmbedderRecipe, trained: list[object]
) -> None:
    train.train.main(["embedder", "--data", ".", *options], standalone_mode=False)
    embedder_standalone.main(["--data", ".", "--run", "run", *options])
    assert trained == [recipe, recipe]


def test_options_left_out_keep_the_recipes_defaults() -> None:
    recipe = build_recipe(DetectorRecipe, {"batch": None, "seed": 0, "rate": 0.5})
    assert recipe == DetectorRecipe(rate=0.5)


def test_a_gpu_takes_larger_batches_unless_they_are_given() -> None:
    gpu, cpu = torch.device("cuda"), torch.device("cpu")
    assert DetectorRecipe().for_device(cpu) == DetectorRecipe()
    assert DetectorRecipe().for_device(gpu) == DetectorRecipe(batch=128, rate=1.5e-3)
    assert DetectorRecipe(batch=8).for_device(gpu).batch == 8
