"""Train the stylist on looks: predict a left-out article from the rest of the look.

Every article of every look is left out once per epoch and must be found among negatives of the
same part. The log popularity is added to the scores in training (logit adjustment; Menon et
al., ICLR 2021), so that the network learns compatibility instead of popularity. The look itself
is removed from the context of its articles, because it contains the answer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from common.progress import progress
from models.stylist.features import (
    build_features,
    compute_context,
    mask_context,
    mask_embedding,
    write_context,
)
from models.stylist.runtime import WANTED_PARTS
from models.taxonomy import PARTS
from models.training.stylist.looks import Collection, Look
from models.training.stylist.network import StylistNetwork


@dataclass(frozen=True)
class StylistRecipe:
    """Hyperparameters of a training."""

    epochs: int = 12
    batch: int = 512
    negatives: int = 3000
    rate: float = 1e-3
    decay: float = 0.05
    drop: float = 0.2
    context_dropout: float = 0.35
    embedding_dropout: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class _Batch:
    """A batch of looks with one article left out each; integers are rows of the collection."""

    worn: NDArray[np.float32]
    absent: NDArray[np.bool_]
    answers: NDArray[np.int64]
    right: NDArray[np.float32]
    negatives: NDArray[np.int64]
    without_context: NDArray[np.bool_]
    allowed: NDArray[np.bool_]


class _Dataset:
    """Left-out questions in batches; deterministic for a seed."""

    def __init__(
        self, collection: Collection, looks: Sequence[Look], recipe: StylistRecipe
    ) -> None:
        self.collection, self.recipe = collection, recipe
        self.context = compute_context(collection.vectors, looks)
        self.rows = build_features(
            collection.vectors, collection.colours, collection.categories, self.context
        )
        popular = Counter(row for look in looks for row in look)
        self.pool = np.array(sorted(popular), np.int64)
        self.popularity = np.log([float(popular.get(n, 1)) for n in range(len(collection.skus))])
        self.parts = np.array([WANTED_PARTS.index(PARTS[c]) for c in collection.categories])
        self.questions = [(look, row) for look in looks for row in look if len(look) > 1]

    def __len__(self) -> int:
        return max(1, len(self.questions) // self.recipe.batch)

    def epoch(self, number: int) -> Iterator[_Batch]:
        rng = np.random.default_rng([self.recipe.seed, number])
        order = list(self.questions)
        random.Random(int(rng.integers(2**62))).shuffle(order)
        for start in range(len(self)):
            some = order[start * self.recipe.batch : (start + 1) * self.recipe.batch]
            yield self._batch(some, rng)

    def _batch(self, questions: Sequence[tuple[Look, int]], rng: np.random.Generator) -> _Batch:
        worn, absent = self._worn(questions, rng)
        answers = np.array([row for _, row in questions])
        right = np.stack([self._alone(look, [row])[0] for look, row in questions])
        # A target without context must be found among negatives without context.
        without_context = rng.random(len(questions)) < self.recipe.context_dropout
        mask_context(right, without_context)
        negatives = rng.choice(self.pool, min(self.recipe.negatives, len(self.pool)), replace=False)
        allowed = self.parts[negatives][None] == self.parts[answers][:, None]
        for number, (look, _) in enumerate(questions):
            allowed[number] &= ~np.isin(negatives, look)
        return _Batch(worn, absent, answers, right, negatives, without_context, allowed)

    def _worn(
        self, questions: Sequence[tuple[Look, int]], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Build the features of the rest of each look, or of a random part of it."""
        rests = []
        for look, answer in questions:
            rest = [row for row in look if row != answer]
            few = int(rng.integers(1, len(rest) + 1)) if rng.random() < 0.5 else len(rest)
            chosen = [int(n) for n in rng.choice(rest, few, replace=False)]
            rests.append(self._alone(look, chosen))
        most = max(map(len, rests))
        worn = np.zeros((len(rests), most, self.rows.shape[1]), np.float32)
        absent = np.ones((len(rests), most), bool)
        for number, seen in enumerate(rests):
            worn[number, : len(seen)], absent[number, : len(seen)] = seen, False
        mask_context(worn, rng.random(absent.shape) < self.recipe.context_dropout)
        mask_embedding(worn, rng.random(absent.shape) < self.recipe.embedding_dropout)
        return worn, absent

    def _alone(self, look: Look, rows: Sequence[int]) -> NDArray[np.float32]:
        """Build features of articles with the look removed from their context."""
        vectors, members = self.collection.vectors, list(look)
        chosen = list(rows)
        features = self.rows[chosen].copy()
        sums = self.context.sums[chosen] - (vectors[members].sum(0) - vectors[chosen])
        write_context(features, sums, self.context.counts[chosen] - (len(members) - 1))
        return features

    def features_without_context(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        features = self.rows[rows].copy()
        mask_context(features, np.ones(len(rows), bool))
        return features


def _loss(network: StylistNetwork, dataset: _Dataset, batch: _Batch) -> torch.Tensor:
    tokens, _ = network.items(torch.from_numpy(batch.worn))
    want = torch.from_numpy(dataset.parts[batch.answers])
    query = network.query(tokens, torch.from_numpy(batch.absent), want)
    _, right = network.items(torch.from_numpy(batch.right))
    _, known = network.items(torch.from_numpy(dataset.rows[batch.negatives]))
    _, unknown = network.items(torch.from_numpy(dataset.features_without_context(batch.negatives)))
    features_without_context = torch.from_numpy(batch.without_context)[:, None]
    wrong = torch.where(features_without_context, query @ unknown.T, query @ known.T)
    popularity = torch.from_numpy(dataset.popularity).float()
    wrong = wrong + popularity[batch.negatives]
    wrong = wrong.masked_fill(~torch.from_numpy(batch.allowed), -1e9)
    found = (query * right).sum(1) + popularity[batch.answers]
    every = torch.cat([found[:, None], wrong], 1)
    losses: torch.Tensor = torch.logsumexp(every, 1) - found
    return losses.mean()


def train_stylist(
    collection: Collection, looks: Sequence[Look], recipe: StylistRecipe, title: str = "stylist"
) -> StylistNetwork:
    """Train a stylist on looks.

    Args:
        collection: The articles.
        looks: Rows of articles that stylists combined.
        recipe: Hyperparameters.
        title: Of the progress bar.

    Returns:
        The trained network in evaluation mode.
    """
    torch.manual_seed(recipe.seed)
    network = StylistNetwork(drop=recipe.drop)
    dataset = _Dataset(collection, looks, recipe)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    total = recipe.epochs * len(dataset)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total, pct_start=0.1)
    network.train()
    counted: tqdm[int] = progress(total=total, desc=title, unit="step")
    with counted as bar:
        for epoch in range(recipe.epochs):
            for batch in dataset.epoch(epoch):
                loss = _loss(network, dataset, batch)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                bar.update()
                bar.set_postfix(loss=f"{loss.item():.3f}")
    return network.eval()
