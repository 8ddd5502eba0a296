"""The late-interaction loss, on drawn packshots and views."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from models import matching
from models.manifest import WEIGHTS
from models.training.embedder.losses import (
    choose_candidates,
    init_local_head,
    late_interaction_loss,
    maxsim,
)
from models.training.embedder.network import EmbedderNetwork, LocalFeatureHead, load_exported
from models.training.embedder.views import prepare
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment, packshot_of


def test_training_and_run_time_compute_the_same_maxsim() -> None:
    torch.manual_seed(0)
    head = LocalFeatureHead()
    with torch.no_grad():
        views = head(torch.randn(3, 96, 4, 3))
        shots = head(torch.randn(6, 96, 4, 3))  # two for each view
        near = maxsim(views, shots, 2).numpy()
    expected = matching.maxsim(views.numpy(), matching.quantize_descriptors(shots.numpy()))
    assert np.allclose(near, expected.reshape(3, 3, 2)[range(3), range(3)], atol=0.01)
    assert np.allclose(views.norm(dim=2).sum(1), 1, atol=1e-5)


def test_candidates_are_the_positive_and_the_nearest_negatives() -> None:
    torch.manual_seed(0)
    table = torch.linspace(1, 0, 60)[None].repeat(2, 1)
    among = choose_candidates(table, torch.tensor([0, 30]))
    assert among[:, 0].tolist() == [0, 30]
    assert among[0, 1:9].tolist() == [*range(1, 9)]
    assert among[1, 1:9].tolist() == [*range(8)]
    assert all(len(set(row.tolist())) == among.shape[1] == 16 for row in among)
    assert choose_candidates(table[:, :3], torch.tensor([0, 1])).shape == (2, 3)


def test_the_local_feature_head_learns_to_distinguish_articles() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(4)
    shots = [packshot_of(draw_garment(random_design(rng)), 160, 200) for _ in range(12)]
    corners = [prepare(shot[:80, :100]) for shot in shots]
    network = EmbedderNetwork().eval()
    load_exported(network, WEIGHTS / "embedder.onnx")
    with torch.no_grad():
        seen = [
            network.trunk(torch.from_numpy(np.stack(part)).permute(0, 3, 1, 2).float())
            for part in (corners, [prepare(shot) for shot in shots])
        ]
    head, rows = LocalFeatureHead(), torch.arange(12)
    init_local_head(head, seen[1])
    unknown = torch.zeros(12, 12)  # embeddings without information
    optimizer = torch.optim.AdamW(head.parameters(), lr=2e-3)
    losses = []
    for _ in range(6):
        loss = late_interaction_loss(
            head, seen[0], unknown, rows, seen[1].half(), torch.tensor(12.0)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] < np.log(12)  # the pretrained features carry information already
    assert losses[-1] < 0.3 * losses[0]
    trained = nn.utils.parameters_to_vector(head.parameters())
    init_local_head(head, seen[1])
    assert torch.equal(trained, nn.utils.parameters_to_vector(head.parameters()))
