"""TrainingState for real, on a handful of drawn articles; needs the pretrained weights."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from models.detectors.yolo import YoloDetector
from models.embedders.mobilenet import MobileNetEmbedder
from models.errors import ModelError
from models.manifest import WEIGHTS, load_manifest
from models.training.data import HOLD_OUT, find_poses, held_out, load_articles, people_paths
from tests.conftest import noise


def test_the_split_is_stable_and_about_one_in_ten() -> None:
    share = np.mean([held_out(f"style-{n}") for n in range(4000)])
    assert abs(share - 1 / HOLD_OUT) < 0.02
    assert held_out("57025795") == held_out("57025795")


def test_missing_data_and_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        load_articles(tmp_path)
    (tmp_path / "data/articles").mkdir(parents=True)
    (tmp_path / "data/articles/articles.csv").write_text("sku,style\n1,2\n")
    with pytest.raises(ModelError, match="lacks the column 'image'"):
        load_articles(tmp_path)
    with pytest.raises(ModelError, match="no photos of people"):
        people_paths(tmp_path, validation=False)
    (tmp_path / "data/articles/articles.csv").write_text(
        "sku,style,type,image\nA1,S1,Dresses,a.jpg\nB1,S2,Handbags,b.jpg\n"
    )
    assert [a.category for a in load_articles(tmp_path)] == ["dress", "bag"]
    assert [a.sku for a in load_articles(tmp_path, garments_only=True)] == ["A1"]


def test_poses_are_found_once_and_for_one_side_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, cache = tmp_path / "data/people", tmp_path / "run/poses.json"
    people.mkdir(parents=True)
    for number in range(24):
        cv2.imwrite(str(people / f"{number}.jpg"), noise(40, 20, number))
        cv2.imwrite(str(people / f"{number}.png"), np.ones((40, 20), np.uint8))
    looked: list[int] = []

    class Nobody:
        keypoints = None

        def predict(self, image: np.ndarray, **_given: object) -> list[Nobody]:
            looked.append(len(image))
            return [self]

    monkeypatch.setattr("models.training.torch_runtime.load_yolo", lambda *_: Nobody())
    for _ in range(2):
        find_poses(tmp_path, True, cache, list)
    assert len(looked) == len(people_paths(tmp_path, validation=True)) < 12
    found = find_poses(tmp_path, False, cache, list)
    assert len(looked) == len(found) == 24
    assert found["0"] == {}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # PyTorch's exporter and Ultralytics warn about themselves
def test_the_embedder_trains_resumes_and_exports(data: Path, shared: Path, tmp_path: Path) -> None:
    from models.training.embedder.export import export_embedder
    from models.training.embedder.recipe import EmbedderRecipe, shops_of
    from models.training.embedder.trainer import train_embedder
    from models.training.ship import ship

    link(data, shared)
    recipe = EmbedderRecipe(
        steps=3, articles_per_step=4, refresh_every=2, queries=2, workers=1, local_from=0.5
    )
    checkpoint = train_embedder(shops_of([data]), tmp_path, recipe)
    again = train_embedder(shops_of([data]), tmp_path, recipe)  # finished: nothing left to do
    assert checkpoint == again
    weights = export_embedder(checkpoint, data, tmp_path)
    train_embedder(shops_of([data]), tmp_path / "further", replace(recipe, steps=1, start=weights))
    shop = tmp_path / "shop"
    shutil.copytree(WEIGHTS, shop)
    assert ship(tmp_path, shop) == ["embedder"]
    manifest = load_manifest(shop)
    assert manifest.embedder.model == MobileNetEmbedder(tmp_path).model != MobileNetEmbedder().model
    assert MobileNetEmbedder(tmp_path).embed([noise(50, 40)]).local_features.shape == (1, 80, 96)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert 0 <= figures["track"]["40"]["top1"] <= 1


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_detector_trains_and_exports(data: Path, shared: Path, tmp_path: Path) -> None:
    from models.training.detector.corrected import Corrected
    from models.training.detector.dataset import validation_scenes
    from models.training.detector.export import export_detector
    from models.training.detector.trainer import DetectorRecipe, train_detector

    link(data, shared)
    recipe = DetectorRecipe(steps=2, scenes=8, size=96, shown=96, batch=4, workers=1)
    checkpoint = train_detector(data, tmp_path, recipe)
    again = replace(recipe, steps=3)
    assert train_detector(data, tmp_path, again) == checkpoint  # one step more
    assert torch.load(checkpoint, weights_only=True)["steps"] == 3
    scenes = validation_scenes(data, tmp_path, 4, seed=0, size=96)
    path = export_detector(checkpoint, data, tmp_path, scenes)
    assert path.stat().st_size > 1_000_000
    found = YoloDetector(tmp_path).detect(noise(96, 96))
    assert found.boxes.shape[1] == 4
    assert "recall" in json.loads((tmp_path / "figures.json").read_text())
    cv2.imwrite(str(tmp_path / "shop.png"), noise(96, 96))
    pictures = [Corrected(tmp_path / "shop.png", np.array([[0, 9, 9, 40, 90]], np.float32))]
    further = replace(recipe, start=path)
    train_detector(data, tmp_path / "further", further, corrected=pictures)


def link(data: Path, shared: Path) -> None:
    weights = data / "weights"
    if not weights.exists():
        weights.symlink_to(shared / "weights")
