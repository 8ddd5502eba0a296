"""Train the embedder's cells: which parts of a carried garment are told from which of a packshot.

The trunk and its vectors stay as they are. Each step shows carried views of some articles,
each of which must find its packshot among those that its vector would confuse it with, by
vector and cells together as `models.matching` weighs them. The likeness of two sets of
cells is ColBERT's (Khattab and Zaharia, SIGIR 2020): every cell of the view looks for the
most alike one of the packshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import nn

from common.progress import progress
from models.data import Article
from models.matching import CELL_WEIGHT
from models.training.batches import Batch, packshot_batches, tensor_of
from models.training.network import Cells, EmbedderNetwork

#: Wrong packshots a view is shown: the nearest, and some of the next.
_NEAREST, _NEXT, _AMONG = 8, 7, 40
_RATE = 2e-3
_SCALE = 12.0


def train_cells(
    network: EmbedderNetwork, batches: Iterable[Batch], articles: Sequence[Article], steps: int
) -> None:
    """Train `network.cells` in place, from what they are at first.

    Args:
        network: Its trunk and vectors are trained already.
        batches: One a step; their first view of each article is shown.
        articles: The training's, as the batches' rows number them.
        steps: How many batches there are.
    """
    network.eval()
    maps, bank = _packshots(network, articles)
    middle, spread = maps.float().mean((0, 2, 3)), maps.float().std((0, 2, 3)) + 1e-3
    cells, scale = Cells(), nn.Parameter(torch.tensor(_SCALE).log())
    optimizer = torch.optim.AdamW([*cells.parameters(), scale], lr=_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    middle, spread = middle[:, None, None], spread[:, None, None]
    bar, average = progress(batches, total=steps, desc="cells", unit="step"), None
    for batch in bar:
        with torch.no_grad():
            views = network.trunk(tensor_of(batch.images[:, 0]))
            table = network.embed(views)[0] @ bank.T
        rows = _candidates(table, batch.rows)
        shown = (maps[rows.flatten()].float() - middle) / spread
        near = likeness(cells((views - middle) / spread), cells(shown), rows.shape[1])
        logits = scale.exp() * (table.gather(1, rows) + CELL_WEIGHT * near)
        loss = nn.functional.cross_entropy(logits, torch.zeros(len(rows), dtype=torch.long))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
        bar.set_postfix(loss=f"{average:.3f}")
    _unstandardise(cells, middle.flatten(), spread.flatten())
    network.cells.load_state_dict(cells.state_dict())


@torch.no_grad()
def _packshots(
    network: EmbedderNetwork, articles: Sequence[Article]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return every packshot's trunk features, as float16 N×96×h×w, and its vector, N×D."""
    maps, vectors = [], []
    for shots in packshot_batches(articles):
        seen = network.trunk(shots)
        maps.append(seen.half())
        vectors.append(network.embed(seen)[0])
    return torch.cat(maps), torch.cat(vectors)


def _candidates(table: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Choose the packshots that each view (B×N cosines) is asked about, the right one first."""
    among = min(_AMONG, table.shape[1] - 1)
    wrong = table.scatter(1, right[:, None], -2.0).topk(among, 1).indices
    rest = torch.rand(len(right), max(0, among - _NEAREST)).argsort(1)[:, :_NEXT] + _NEAREST
    return torch.cat([right[:, None], wrong[:, :_NEAREST], wrong.gather(1, rest)], 1)


def likeness(views: torch.Tensor, shots: torch.Tensor, count: int) -> torch.Tensor:
    """How well each view's cells (B×C×W) find their like in `count` packshots' (B·count)×C×W."""
    directions = nn.functional.normalize(shots, dim=2).view(len(views), count, *shots.shape[1:])
    return torch.einsum("bid,bkjd->bkij", views, directions).amax(3).sum(2)


def _unstandardise(cells: Cells, middle: torch.Tensor, spread: torch.Tensor) -> None:
    """Make cells that learned from standardised features take them as the trunk gives them."""
    for layer in (cells.show, cells.tell):
        with torch.no_grad():
            layer.weight /= spread[:, None, None]
            layer.bias -= layer.weight.flatten(1) @ middle  # type: ignore[operator]
