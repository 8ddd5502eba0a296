"""The training of cells, on packshots and views that need no data."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from models.data import Article
from models.manifest import WEIGHTS
from models.matching import directions
from models.matching import likeness as shops_likeness
from models.scenes.drawn import draw_garment, packshot_of
from models.scenes.wardrobe import random_design
from models.training.batches import Batch
from models.training.cells import likeness, train_cells
from models.training.network import Cells, EmbedderNetwork, load_exported
from models.training.views import packshot, prepare


def test_the_training_and_the_shop_mean_the_same_likeness() -> None:
    torch.manual_seed(0)
    cells = Cells()
    with torch.no_grad():
        views = cells(torch.randn(3, 96, 4, 3))
        shots = cells(torch.randn(6, 96, 4, 3))  # two for each view
        near = likeness(views, shots, 2).numpy()
    told = shops_likeness(views.numpy(), directions(shots.numpy()))
    assert np.allclose(near, told.reshape(3, 3, 2)[range(3), range(3)], atol=0.01)
    assert np.allclose(views.norm(dim=2).sum(1), 1, atol=1e-5)


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[Article]:
    folder, rng, made = tmp_path_factory.mktemp("articles"), np.random.default_rng(4), []
    for number in range(12):
        cutout = draw_garment(random_design(rng), f"A{number}")
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), packshot_of(cutout, 160, 200))
        made.append(Article(f"A{number}", f"S{number}", cutout.category, path))
    return made


def test_cells_learn_and_leave_the_vectors_as_they_are(articles: list[Article]) -> None:
    torch.manual_seed(0)
    network, before = EmbedderNetwork(), EmbedderNetwork()
    load_exported(network, WEIGHTS / "embedder.onnx")
    load_exported(before, WEIGHTS / "embedder.onnx")
    network.cells = Cells()
    # Views show a corner of the packshot: half its height, half its width.
    corners = [packshot(a) for a in articles]
    corners = [c[: c.shape[0] // 2, : c.shape[1] // 2] for c in corners]
    shots = np.stack([prepare(packshot(a)) for a in articles])
    seen = torch.from_numpy(np.stack([np.stack([prepare(c) for c in corners]), shots], 1))
    batch = Batch(torch.arange(12), seen, torch.zeros(0), torch.zeros(0))

    def right() -> float:
        """Return how much more alike the right packshot is than the most alike other."""
        with torch.no_grad():
            of = [network.eval()(seen[:, n].permute(0, 3, 1, 2).float())[2] for n in (0, 1)]
        table = shops_likeness(of[0].numpy(), directions(of[1].numpy()))
        mine = table.diagonal().copy()
        np.fill_diagonal(table, -1)
        return float((mine - table.max(1)).mean())

    plain = right()
    train_cells(network, [batch] * 40, articles, 40)
    assert right() > plain + 0.02
    untouched = before.state_dict()
    for name, value in network.state_dict().items():
        if not name.startswith("cells."):
            assert torch.equal(value, untouched[name])
