"""A quick measure of an embedder in training, on garments of held-out styles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from models.matching import CELL_WEIGHT
from models.training.embedder.bank import Bank
from models.training.embedder.losses import likeness
from models.training.embedder.network import EmbedderNetwork

#: Candidates that cells are compared with, as in `models.matching`.
_NEAREST = 20


def tensor_of(images: torch.Tensor) -> torch.Tensor:
    """Turn uint8 B×H×W×3 into the network's float B×3×H×W."""
    tensor = images.permute(0, 3, 1, 2).float()
    return tensor.contiguous(memory_format=torch.channels_last)


def in_parts(images: torch.Tensor) -> Iterator[torch.Tensor]:
    """Yield the network's inputs of many pictures, as many at once as the device likes."""
    size = 64 if images.device.type == "cpu" else 1024
    for start in range(0, len(images), size):
        yield tensor_of(images[start : start + size])


@torch.no_grad()
def embed_shots(
    network: EmbedderNetwork, images: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return vectors N×D and the trunk's features, float16 N×96×h×w, of pictures."""
    vectors, maps = [], []
    for part in in_parts(images):
        seen = network.trunk(part)
        vectors.append(network.embed(seen)[0].float())
        maps.append(seen.half())
    with torch.autocast(images.device.type, enabled=False):  # it cannot join float16
        return torch.cat(vectors), torch.cat(maps)


@torch.no_grad()
def measure(
    network: EmbedderNetwork, bank: Bank, shops: Mapping[str, range]
) -> dict[str, dict[str, Any]]:
    """Look for single views of held-out garments among the packshots of all articles.

    A shop's catalogue describes articles by more than their packshots and looks for whole
    tracks, so its figures are better; these compare weights.

    Args:
        network: In evaluation mode.
        bank: Complete.
        shops: The rows of each shop's articles, by its name.

    Returns:
        By shop: `queries`, `top1` and `top5` by vectors, and `top1_with_cells`.
    """
    if not bank.query_rows:
        return {}
    gallery, maps = embed_shots(network, bank.shots)
    straight, seen = embed_shots(network, bank.queries)
    turned, _ = embed_shots(network, bank.queries.flip(2))
    table = nn.functional.normalize(straight + turned) @ gallery.T
    right = torch.tensor([bank.number(row) for row in bank.query_rows], device=bank.device)
    rank = (table > table.gather(1, right[:, None])).sum(1)
    best = _rerank(network, table, seen, maps)
    figures: dict[str, dict[str, Any]] = {}
    for name, rows in shops.items():
        mine = torch.tensor([row in rows for row in bank.query_rows], device=bank.device)
        figures[name] = {
            "queries": int(mine.sum()),
            "gallery": len(gallery),
            "top1": _share(rank[mine] == 0),
            "top5": _share(rank[mine] < 5),
            "top1_with_cells": _share(best[mine] == right[mine]),
        }
    return figures


def _share(right: torch.Tensor) -> float | None:
    return round(float(right.float().mean()), 4) if len(right) else None


def _rerank(
    network: EmbedderNetwork, table: torch.Tensor, seen: torch.Tensor, maps: torch.Tensor
) -> torch.Tensor:
    """Return the best article of each query by vector and cells together."""
    best = []
    near = table.topk(min(_NEAREST, table.shape[1]), 1)
    for start in range(0, len(table), 32):
        part = slice(start, start + 32)
        rows = near.indices[part]
        shown = network.cells(maps[rows.flatten()].float())
        told = likeness(network.cells(seen[part].float()), shown, rows.shape[1])
        chosen = (near.values[part] + CELL_WEIGHT * told).argmax(1, keepdim=True)
        best.append(rows.gather(1, chosen)[:, 0])
    return torch.cat(best)
