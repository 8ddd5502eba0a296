"""The embedder's training on drawn articles: batches, resuming, validation and imports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.errors import ModelError
from models.manifest import WEIGHTS
from models.training.data import held_out, load_articles
from models.training.device import find_device
from models.training.embedder.augment import augment_packshots, augment_views
from models.training.embedder.collect import collect
from models.training.embedder.network import EmbedderNetwork, load_exported
from models.training.embedder.recipe import EmbedderRecipe, shops_of
from models.training.embedder.rendering import RenderedImages, Renderer, RenderPlan
from models.training.embedder.state import TrainingState, learning_rate_factor
from models.training.embedder.trainer import train_embedder
from models.training.embedder.view_buffer import IMAGE_BYTES, ViewBuffer, views_that_fit
from models.training.embedder.views import INPUT_SIZE
from models.training.scenes.snapshots import load_snapshots

ROOT = Path(__file__).resolve().parents[4]
TINY = EmbedderRecipe(
    steps=2,
    articles_per_step=4,
    snapshots=2,
    refresh_every=2,
    queries=2,
    workers=1,
    local_from=0.5,
    start=WEIGHTS / "embedder.onnx",
)


def test_a_larger_validation_split_contains_the_smaller_one() -> None:
    styles = [f"style-{n}" for n in range(400)]
    half = {style for style in styles if held_out(style, 2)}
    assert 150 < len(half) < 250
    assert {style for style in styles if held_out(style)} < half


def test_shops_with_the_same_names_stay_apart(data: Path) -> None:
    plan, rows = collect(shops_of([data, data]), TINY)
    first, second = rows.values()
    assert set(first) | set(second) == set(range(len(plan.articles)))
    assert not set(first) & set(second)
    trained = set(plan.train_rows)
    assert not trained & set(plan.query_rows)
    for part, one_in in ((first, 10), (second, 2)):
        for row in part:
            assert (row in trained) != held_out(plan.articles[row].style, one_in)


def _pictures(*values: int) -> np.ndarray:
    return np.stack([np.full((*INPUT_SIZE, 3), value, np.uint8) for value in values])


def test_the_buffer_keeps_the_latest_views(data: Path) -> None:
    plan, _ = collect(shops_of([data]), TINY)
    buffer = ViewBuffer(plan, 2, torch.device("cpu"))
    none, random = np.zeros((1, 0), bool), torch.Generator().manual_seed(0)
    assert not buffer.is_ready(1)
    for row in range(len(plan.articles)):
        buffer.add([RenderedImages("packshot", np.array([row]), _pictures(100 + row), none)])
    for row in plan.query_rows:
        buffer.add([RenderedImages("query", np.array([row]), _pictures(row), none)])
    assert buffer.is_complete
    row = plan.train_rows[3]
    for value in (1, 2, 3):
        buffer.add([RenderedImages("view", np.array([row]), _pictures(value), none)])
    batch = buffer.draw(4, 2, 1, random)
    assert sorted(set(batch.views[:, 0, 0, 0].tolist())) == [2, 3]
    assert batch.packshots[:, 0, 0, 0].tolist() == [100 + row]
    assert buffer.articles[int(batch.rows[0])] == plan.articles[row]
    assert len(batch.snapshots) == len(batch.label_mask) == 0
    label_mask = np.ones((1, 16), bool)
    buffer.add([RenderedImages("snapshot", np.zeros(0, np.int64), _pictures(7), label_mask)])
    assert buffer.draw(4, 2, 3, random).snapshots[:, 0, 0, 0].tolist() == [7, 7, 7]
    assert buffer.is_ready(1, share=0.01)
    assert not buffer.is_ready(2, share=0.01)


def test_memory_limits_the_views_of_an_article() -> None:
    assert views_that_fit(100, 100 * 5.5 * IMAGE_BYTES) == 5
    assert views_that_fit(100, 0) == 1
    assert views_that_fit(1, 1e12) == 32


def test_augmentation_preserves_the_content() -> None:
    torch.manual_seed(0)
    plain = torch.full((64, 3, *INPUT_SIZE), 120.0)
    plain[:, 0, 40:120, 30:100] = 220
    for augment, alike in ((augment_views, 0.6), (augment_packshots, 0.9)):
        seen = augment(plain)
        assert seen.shape == plain.shape
        assert 0 <= seen.min() <= seen.max() <= 255
        assert not torch.equal(seen[0], seen[1])
        pairs = zip(plain[:, 0].flatten(1), seen[:, 0].flatten(1), strict=True)
        both = [float(np.corrcoef(one, other)[0, 1]) for one, other in pairs]
        assert np.median(both) > alike


def test_the_learning_rate_warms_up_and_decays() -> None:
    assert learning_rate_factor(0, 0.0) < 0.05 < 0.9 < learning_rate_factor(60, 0.0)
    assert learning_rate_factor(1000, 1.0) == learning_rate_factor(1000, 7.0) == pytest.approx(0.02)


def test_a_gpu_changes_only_hyperparameters_that_were_not_set() -> None:
    plain, custom = EmbedderRecipe(), EmbedderRecipe(articles_per_step=8)
    gpu = torch.device("cuda")
    assert plain.for_device(torch.device("cpu")) == plain
    assert plain.for_device(gpu).articles_per_step > plain.articles_per_step
    assert custom.for_device(gpu) == replace(plain.for_device(gpu), articles_per_step=8)
    assert find_device("auto").type in ("cpu", "cuda")
    with pytest.raises(ModelError, match="no such device"):
        find_device("abacus")


def test_a_worker_that_fails_ends_the_training(data: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(data, broken)
    articles = load_articles(broken)
    articles[0].image.write_bytes(b"no picture")
    plan = RenderPlan(articles, [0, 1], [], [], [], load_snapshots(broken, False), 0)
    with Renderer(plan, 1) as renderer, pytest.raises(ModelError, match="not a picture"):
        for _ in range(60):
            renderer.receive(timeout=1.0)


@pytest.mark.integration
def test_a_training_saves_resumes_and_validates(data: Path, tmp_path: Path) -> None:
    shops = shops_of([data, data])
    checkpoint = train_embedder(shops, tmp_path, TINY)
    figures = json.loads((tmp_path / "training.json").read_text())
    assert figures["steps"] == 2
    assert set(figures["before"]) == {"shop 1", "shop 2"}
    for measured in (*figures["before"].values(), *figures["after"].values()):
        assert (measured["queries"], measured["gallery"]) == (6, 80)
        assert measured["top1"] > 0.5  # of 80; the installed weights know drawn garments
        assert measured["top1_reranked"] > 0.2  # each article is there twice
    stamp = checkpoint.stat().st_mtime_ns
    assert train_embedder(shops, tmp_path, TINY).stat().st_mtime_ns == stamp  # nothing left to do
    further = train_embedder(shops, tmp_path, replace(TINY, steps=4))
    network, started = EmbedderNetwork(), EmbedderNetwork()
    load_exported(network, further)
    load_exported(started, WEIGHTS / "embedder.onnx")
    assert json.loads((tmp_path / "training.json").read_text())["steps"] == 4
    assert not torch.equal(network.head.weight, started.head.weight)
    assert torch.allclose(network.head.weight, started.head.weight, atol=0.05)
    assert not torch.equal(
        network.local_head.projection.weight, started.local_head.projection.weight
    )


@pytest.mark.slow
def test_a_training_by_the_clock_ends_in_time(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, update = [0.0], TrainingState.update

    def slowly(training: TrainingState, loss: torch.Tensor, progress: float) -> None:
        now[0] += 37
        update(training, loss, progress)

    monkeypatch.setattr(TrainingState, "update", slowly)
    recipe = replace(TINY, minutes=5.0)
    train_embedder(shops_of([data]), tmp_path, recipe, pause_after=2.0, clock=lambda: now[0])
    figures = json.loads((tmp_path / "training.json").read_text())
    assert (figures["seconds"], figures["steps"]) == (148, 4)  # paused
    now[0] = 1e4
    train_embedder(shops_of([data]), tmp_path, recipe, clock=lambda: now[0])
    figures = json.loads((tmp_path / "training.json").read_text())
    assert (figures["seconds"], figures["steps"]) == (296, 8)  # the rest is for measuring
    assert train_embedder(shops_of([data]), tmp_path, recipe, clock=lambda: now[0])
    assert json.loads((tmp_path / "training.json").read_text()) == figures


def test_a_step_with_a_gradient_that_is_not_finite_is_skipped(tmp_path: Path) -> None:
    network = EmbedderNetwork().train()
    training = TrainingState(network, TINY, tmp_path / "embedder.pt")
    before = network.head.weight.clone()
    training.update(network.head.weight.sum() * float("nan"), 0.5)
    assert torch.equal(network.head.weight, before)
    assert (training.step, training.progress) == (1, 0.5)


def test_an_older_checkpoint_is_refused(tmp_path: Path) -> None:
    training = TrainingState(EmbedderNetwork().train(), TINY, tmp_path / "embedder.pt")
    torch.save({"network": training.network.state_dict()}, training.checkpoint)
    with pytest.raises(ModelError, match="another version"):
        training.load()


def test_training_needs_little_more_than_pytorch(tmp_path: Path) -> None:
    """With the packages made unfindable that a machine for training label_mask lack."""
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("weights"))
    shutil.copytree(ROOT / "common", tmp_path / "common")
    (tmp_path / "models/__init__.py").write_text("")
    program = """
import sys
for name in ("pydantic", "supervision", "ultralytics", "openvino", "onnx", "safetensors", "av"):
    sys.modules[name] = None
import models.training.embedder.rendering, models.training.embedder.standalone
assert "torch" not in sys.modules  # or every rendering process would load it
import models.training.embedder.trainer
"""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    given = [sys.executable, "-c", program]
    done = subprocess.run(
        given, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
