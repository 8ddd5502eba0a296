"""Validate an embedder during its training, on garments of the validation split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from models.matching import LOCAL_WEIGHT
from models.training.embedder.losses import maxsim
from models.training.embedder.network import EmbedderNetwork
from models.training.embedder.view_buffer import ViewBuffer

#: Candidates that are re-ranked, as in `models.matching`.
_NEAREST = 20


def tensor_of(images: torch.Tensor) -> torch.Tensor:
    """Convert uint8 B×H×W×3 to the network's input, float B×3×H×W."""
    tensor = images.permute(0, 3, 1, 2).float()
    return tensor.contiguous(memory_format=torch.channels_last)


def batches_of(images: torch.Tensor) -> Iterator[torch.Tensor]:
    """Yield network inputs in batches that suit the device."""
    size = 64 if images.device.type == "cpu" else 1024
    for start in range(0, len(images), size):
        yield tensor_of(images[start : start + size])


@torch.no_grad()
def embed_images(
    network: EmbedderNetwork, images: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute embeddings N×D and the trunk's feature maps, float16 N×96×h×w."""
    embeddings, feature_maps = [], []
    for batch in batches_of(images):
        features = network.trunk(batch)
        embeddings.append(network.embed(features)[0].float())
        feature_maps.append(features.half())
    with torch.autocast(images.device.type, enabled=False):  # it cannot join float16
        return torch.cat(embeddings), torch.cat(feature_maps)


@torch.no_grad()
def validate(
    network: EmbedderNetwork, buffer: ViewBuffer, shops: Mapping[str, range]
) -> dict[str, dict[str, Any]]:
    """Retrieve single views of validation garments from the packshots of all articles.

    A shop's gallery also holds simulated views and is queried with whole tracks, so its
    accuracy is higher; these figures serve to compare checkpoints.

    Args:
        network: In evaluation mode.
        buffer: Complete.
        shops: Rows of each shop's articles, by the shop's name.

    Returns:
        By shop: `queries`, `gallery`, `top1` and `top5` by embedding, and `top1_reranked`.
    """
    if not buffer.query_rows:
        return {}
    gallery, feature_maps = embed_images(network, buffer.packshots)
    plain, query_maps = embed_images(network, buffer.queries)
    mirrored, _ = embed_images(network, buffer.queries.flip(2))
    similarities = nn.functional.normalize(plain + mirrored) @ gallery.T
    truth = torch.tensor([buffer.index_of(row) for row in buffer.query_rows], device=buffer.device)
    rank = (similarities > similarities.gather(1, truth[:, None])).sum(1)
    best = _rerank(network, similarities, query_maps, feature_maps)
    figures: dict[str, dict[str, Any]] = {}
    for name, rows in shops.items():
        in_shop = torch.tensor([row in rows for row in buffer.query_rows], device=buffer.device)
        figures[name] = {
            "queries": int(in_shop.sum()),
            "gallery": len(gallery),
            "top1": _mean(rank[in_shop] == 0),
            "top5": _mean(rank[in_shop] < 5),
            "top1_reranked": _mean(best[in_shop] == truth[in_shop]),
        }
    return figures


def _mean(correct: torch.Tensor) -> float | None:
    return round(float(correct.float().mean()), 4) if len(correct) else None


def _rerank(
    network: EmbedderNetwork,
    similarities: torch.Tensor,
    query_maps: torch.Tensor,
    feature_maps: torch.Tensor,
) -> torch.Tensor:
    """Return the best article of each query after re-ranking by local features."""
    best = []
    nearest = similarities.topk(min(_NEAREST, similarities.shape[1]), 1)
    for start in range(0, len(similarities), 32):
        batch = slice(start, start + 32)
        rows = nearest.indices[batch]
        packshots = network.local_head(feature_maps[rows.flatten()].float())
        queries = network.local_head(query_maps[batch].float())
        scores = nearest.values[batch] + LOCAL_WEIGHT * maxsim(queries, packshots, rows.shape[1])
        best.append(rows.gather(1, scores.argmax(1, keepdim=True))[:, 0])
    return torch.cat(best)
