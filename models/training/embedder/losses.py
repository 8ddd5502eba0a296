"""What the embedder is to be good at, as numbers to make small."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from models.matching import CELL_WEIGHT
from models.training.embedder.network import Cells

#: Wrong packshots whose cells a view is compared with: the nearest, and some of the next.
_NEAREST, _NEXT, _AMONG = 8, 7, 40


class Nearness(NamedTuple):
    """How near views come to their articles.

    Attributes:
        loss: To be made small.
        table: B·V×N cosines with all articles.
        in_batch: Share of the views that are nearest to their own article in the batch.
        of_all: The same among all articles.
    """

    loss: torch.Tensor
    table: torch.Tensor
    in_batch: torch.Tensor
    of_all: torch.Tensor


def nearness(
    queries: torch.Tensor,
    gallery: torch.Tensor,
    bank: torch.Tensor,
    rows: torch.Tensor,
    temperature: float,
) -> Nearness:
    """InfoNCE of views against the whole bank, and within the batch in both directions.

    Right and wrong answers of the first part both come from the bank: were the right ones
    fresh, all vectors would drift away from the old ones together and fall into one.

    Args:
        queries: B·V×D vectors, the V views of an article after each other.
        gallery: B×D vectors of the packshots.
        bank: N×D vectors of all packshots, a few steps old.
        rows: int64 B, the articles' rows in the bank.
        temperature: What cosines are divided by.
    """
    count, views = len(gallery), len(queries) // len(gallery)
    everything = queries @ bank.T
    answer, own = rows.repeat_interleave(views), torch.arange(count, device=rows.device)
    loss = nn.functional.cross_entropy(everything / temperature, answer)
    table, mine = queries @ gallery.T, own.repeat_interleave(views)
    there = nn.functional.cross_entropy(table / temperature, mine)
    back = (table / temperature).view(count, views, count).permute(1, 2, 0)
    and_back = nn.functional.cross_entropy(back.transpose(1, 2), own.expand(views, count))
    in_batch = (table.argmax(1) == mine).float().mean()
    of_all = (everything.argmax(1) == answer).float().mean()
    return Nearness(loss + 0.5 * (there + and_back), everything, in_batch, of_all)


def any_of(logits: torch.Tensor, may: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of P×K logits whose right answer is one of several; 0 of none.

    Jin and Ghahramani, "Learning with multiple labels", NIPS 2002.
    """
    if not len(logits):
        return logits.sum()
    right = logits.masked_fill(~may, -torch.inf)
    return (logits.logsumexp(1) - right.logsumexp(1)).mean()


def cells_loss(
    cells: Cells,
    views: torch.Tensor,
    table: torch.Tensor,
    rows: torch.Tensor,
    maps: torch.Tensor,
    scale: torch.Tensor,
) -> torch.Tensor:
    """Cross-entropy of vectors and cells together, among the articles most easily confused.

    They are weighed as `models.matching` weighs them. The likeness of two sets of cells is
    ColBERT's (Khattab and Zaharia, SIGIR 2020): every cell of the view looks for the most
    alike one of the packshot.

    Args:
        cells: Tells cells from features.
        views: B×96×h×w, the trunk's features of views.
        table: B×N cosines with all articles.
        rows: int64 B, of the right articles.
        maps: N×96×h×w, the trunk's features of all packshots, a few steps old.
        scale: What similarities are multiplied by.
    """
    among = candidates(table.detach(), rows)
    shown = cells(maps[among.flatten()].float())
    near = likeness(cells(views), shown, among.shape[1])
    logits = scale * (table.gather(1, among) + CELL_WEIGHT * near)
    return nn.functional.cross_entropy(logits, torch.zeros_like(rows))


def candidates(table: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Choose the packshots that each view (B×N cosines) is asked about, the right one first."""
    among = min(_AMONG, table.shape[1] - 1)
    wrong = table.scatter(1, right[:, None], -2.0).topk(among, 1).indices
    random = torch.rand(len(right), max(0, among - _NEAREST), device=table.device)
    rest = random.argsort(1)[:, :_NEXT] + _NEAREST
    return torch.cat([right[:, None], wrong[:, :_NEAREST], wrong.gather(1, rest)], 1)


def likeness(views: torch.Tensor, shots: torch.Tensor, count: int) -> torch.Tensor:
    """How well each view's cells (B×C×W) find their like in `count` packshots' (B·count)×C×W."""
    directions = nn.functional.normalize(shots, dim=2).view(len(views), count, *shots.shape[1:])
    return torch.einsum("bid,bkjd->bkij", views, directions).amax(3).sum(2)


@torch.no_grad()
def begin_cells(cells: Cells, maps: torch.Tensor) -> None:
    """Make cells that have learned nothing show features as they deviate from the usual.

    Args:
        cells: As they are made; trained ones stay as they are.
        maps: N×96×h×w, the trunk's features of packshots.
    """
    if cells.tell.weight.any():
        return
    some = maps[:2000].float()
    middle, spread = some.mean((0, 2, 3)), some.std((0, 2, 3)) + 1e-3
    cells.show.weight /= spread[:, None, None]
    cells.show.bias -= cells.show.weight.flatten(1) @ middle  # type: ignore[operator]
