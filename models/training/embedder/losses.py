"""Losses of the embedder: contrastive, classification with partial labels, late interaction."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from models.matching import LOCAL_WEIGHT
from models.training.embedder.network import LocalFeatureHead

#: Hard negatives of the late-interaction loss: the nearest, and a sample of the next ones.
_NEAREST, _SAMPLED, _POOL = 8, 7, 40


class ContrastiveResult(NamedTuple):
    """The contrastive loss with its by-products.

    Attributes:
        loss: Scalar.
        similarities: B·V×N cosines of each view with all articles.
        batch_accuracy: Top-1 accuracy of the views within the batch.
        bank_accuracy: Top-1 accuracy of the views within the memory bank.
    """

    loss: torch.Tensor
    similarities: torch.Tensor
    batch_accuracy: torch.Tensor
    bank_accuracy: torch.Tensor


def contrastive_loss(
    queries: torch.Tensor,
    gallery: torch.Tensor,
    memory_bank: torch.Tensor,
    rows: torch.Tensor,
    temperature: float,
) -> ContrastiveResult:
    """Compute InfoNCE of views against the memory bank, and both ways within the batch.

    Positives and negatives of the first term both come from the memory bank: with fresh
    positives, all embeddings would drift away from the old ones and collapse.

    Args:
        queries: B·V×D embeddings, the V views of an article in a row.
        gallery: B×D embeddings of the packshots.
        memory_bank: N×D embeddings of all packshots, a few steps old.
        rows: int64 B, the articles' rows in the memory bank.
        temperature: Divisor of the cosines.
    """
    count, views = len(gallery), len(queries) // len(gallery)
    similarities = queries @ memory_bank.T
    positives, own = rows.repeat_interleave(views), torch.arange(count, device=rows.device)
    loss = nn.functional.cross_entropy(similarities / temperature, positives)
    in_batch, targets = queries @ gallery.T, own.repeat_interleave(views)
    to_gallery = nn.functional.cross_entropy(in_batch / temperature, targets)
    transposed = (in_batch / temperature).view(count, views, count).permute(1, 2, 0)
    to_queries = nn.functional.cross_entropy(transposed.transpose(1, 2), own.expand(views, count))
    batch_accuracy = (in_batch.argmax(1) == targets).float().mean()
    bank_accuracy = (similarities.argmax(1) == positives).float().mean()
    total = loss + 0.5 * (to_gallery + to_queries)
    return ContrastiveResult(total, similarities, batch_accuracy, bank_accuracy)


def partial_label_loss(logits: torch.Tensor, label_mask: torch.Tensor) -> torch.Tensor:
    """Compute the mean cross-entropy of P×K logits with a set of allowed labels each.

    Zero for an empty batch. Source: Jin and Ghahramani, "Learning with multiple labels", NIPS
    2002.
    """
    if not len(logits):
        return logits.sum()
    allowed = logits.masked_fill(~label_mask, -torch.inf)
    return (logits.logsumexp(1) - allowed.logsumexp(1)).mean()


def late_interaction_loss(
    head: LocalFeatureHead,
    views: torch.Tensor,
    similarities: torch.Tensor,
    rows: torch.Tensor,
    feature_maps: torch.Tensor,
    scale: torch.Tensor,
) -> torch.Tensor:
    """Compute the cross-entropy of the re-ranking score over hard negatives.

    The score is the weighted sum of cosine and MaxSim that `models.matching` uses (ColBERT;
    Khattab and Zaharia, SIGIR 2020).

    Args:
        head: Computes local features from feature maps.
        views: B×96×h×w, the trunk's feature maps of views.
        similarities: B×N cosines with all articles.
        rows: int64 B, rows of the positives.
        feature_maps: N×96×h×w, the trunk's feature maps of all packshots, a few steps old.
        scale: Factor on the scores before the softmax.
    """
    candidates = choose_candidates(similarities.detach(), rows)
    packshots = head(feature_maps[candidates.flatten()].float())
    local_scores = maxsim(head(views), packshots, candidates.shape[1])
    logits = scale * (similarities.gather(1, candidates) + LOCAL_WEIGHT * local_scores)
    return nn.functional.cross_entropy(logits, torch.zeros_like(rows))


def choose_candidates(similarities: torch.Tensor, positives: torch.Tensor) -> torch.Tensor:
    """Choose the positive and the hard negatives of each view (B×N cosines), positive first."""
    pool = min(_POOL, similarities.shape[1] - 1)
    negatives = similarities.scatter(1, positives[:, None], -2.0).topk(pool, 1).indices
    random = torch.rand(len(positives), max(0, pool - _NEAREST), device=similarities.device)
    sampled = random.argsort(1)[:, :_SAMPLED] + _NEAREST
    return torch.cat([positives[:, None], negatives[:, :_NEAREST], negatives.gather(1, sampled)], 1)


def maxsim(views: torch.Tensor, packshots: torch.Tensor, count: int) -> torch.Tensor:
    """Compute MaxSim of views (B×C×W) with `count` packshots each ((B·count)×C×W)."""
    unit = nn.functional.normalize(packshots, dim=2)
    unit = unit.view(len(views), count, *packshots.shape[1:])
    return torch.einsum("bid,bkjd->bkij", views, unit).amax(3).sum(2)


@torch.no_grad()
def init_local_head(head: LocalFeatureHead, feature_maps: torch.Tensor) -> None:
    """Initialise an untrained head so that it standardises its input features.

    Args:
        head: Changed in place; a trained one stays as it is.
        feature_maps: N×96×h×w, the trunk's feature maps of packshots.
    """
    if head.salience.weight.any():
        return
    sample = feature_maps[:2000].float()
    mean, std = sample.mean((0, 2, 3)), sample.std((0, 2, 3)) + 1e-3
    head.projection.weight /= std[:, None, None]
    head.projection.bias -= head.projection.weight.flatten(1) @ mean  # type: ignore[operator]
