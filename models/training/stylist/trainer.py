"""Train the stylist on looks: from the rest of an outfit to the article left out.

Every article of every look is left out once an epoch. It must be found among articles
of its part; their popularity is added to the scores while training (logit adjustment,
Menon et al., ICLR 2021), so what is learned is what fits and not what is everywhere.
The look itself is taken out of the company of its articles, or it would be its own answer.
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
from models.stylist.runtime import WANTS
from models.stylist.wardrobe import (
    describe,
    hide_company,
    hide_picture,
    keep_company,
    put_company,
)
from models.taxonomy import PARTS
from models.training.stylist.looks import Collection, Look
from models.training.stylist.network import StylistNetwork


@dataclass(frozen=True)
class StylistRecipe:
    """Everything that shapes a training."""

    epochs: int = 12
    batch: int = 512
    rivals: int = 3000
    rate: float = 1e-3
    decay: float = 0.05
    drop: float = 0.2
    without_company: float = 0.35
    without_picture: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class _Batch:
    """Looks with one article left out each; numbers are rows of the collection."""

    worn: NDArray[np.float32]
    absent: NDArray[np.bool_]
    answers: NDArray[np.int64]
    right: NDArray[np.float32]
    rivals: NDArray[np.int64]
    strangers: NDArray[np.bool_]
    allowed: NDArray[np.bool_]


class _Lessons:
    """What is learned, epoch by epoch; the same seed gives the same batches."""

    def __init__(
        self, collection: Collection, looks: Sequence[Look], recipe: StylistRecipe
    ) -> None:
        self.collection, self.recipe = collection, recipe
        self.company = keep_company(collection.vectors, looks)
        self.rows = describe(
            collection.vectors, collection.colours, collection.categories, self.company
        )
        popular = Counter(row for look in looks for row in look)
        self.pool = np.array(sorted(popular), np.int64)
        self.popularity = np.log([float(popular.get(n, 1)) for n in range(len(collection.skus))])
        self.parts = np.array([WANTS.index(PARTS[c]) for c in collection.categories])
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
        # An article nobody has styled must be found among others nobody has styled.
        strangers = rng.random(len(questions)) < self.recipe.without_company
        hide_company(right, strangers)
        rivals = rng.choice(self.pool, min(self.recipe.rivals, len(self.pool)), replace=False)
        allowed = self.parts[rivals][None] == self.parts[answers][:, None]
        for number, (look, _) in enumerate(questions):
            allowed[number] &= ~np.isin(rivals, look)
        return _Batch(worn, absent, answers, right, rivals, strangers, allowed)

    def _worn(
        self, questions: Sequence[tuple[Look, int]], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Describe the rest of each look, or a part of it: shoppers carry few."""
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
        hide_company(worn, rng.random(absent.shape) < self.recipe.without_company)
        hide_picture(worn, rng.random(absent.shape) < self.recipe.without_picture)
        return worn, absent

    def _alone(self, look: Look, rows: Sequence[int]) -> NDArray[np.float32]:
        """Describe articles of a look as if it had never been put together."""
        vectors, members = self.collection.vectors, list(look)
        chosen = list(rows)
        described = self.rows[chosen].copy()
        sums = self.company.sums[chosen] - (vectors[members].sum(0) - vectors[chosen])
        put_company(described, sums, self.company.counts[chosen] - (len(members) - 1))
        return described

    def strange(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        described = self.rows[rows].copy()
        hide_company(described, np.ones(len(rows), bool))
        return described


def _loss(network: StylistNetwork, lessons: _Lessons, batch: _Batch) -> torch.Tensor:
    tokens, _ = network.items(torch.from_numpy(batch.worn))
    want = torch.from_numpy(lessons.parts[batch.answers])
    query = network.query(tokens, torch.from_numpy(batch.absent), want)
    _, right = network.items(torch.from_numpy(batch.right))
    _, known = network.items(torch.from_numpy(lessons.rows[batch.rivals]))
    _, unknown = network.items(torch.from_numpy(lessons.strange(batch.rivals)))
    strange = torch.from_numpy(batch.strangers)[:, None]
    wrong = torch.where(strange, query @ unknown.T, query @ known.T)
    popularity = torch.from_numpy(lessons.popularity).float()
    wrong = wrong + popularity[batch.rivals]
    wrong = wrong.masked_fill(~torch.from_numpy(batch.allowed), -1e9)
    found = (query * right).sum(1) + popularity[batch.answers]
    every = torch.cat([found[:, None], wrong], 1)
    losses: torch.Tensor = torch.logsumexp(every, 1) - found
    return losses.mean()


def train_stylist(
    collection: Collection, looks: Sequence[Look], recipe: StylistRecipe, title: str = "stylist"
) -> StylistNetwork:
    """Train on looks.

    Args:
        collection: The articles.
        looks: Rows of them that stylists put together.
        recipe: How.
        title: For the progress bar.

    Returns:
        The network, ready to answer.
    """
    torch.manual_seed(recipe.seed)
    network = StylistNetwork(drop=recipe.drop)
    lessons = _Lessons(collection, looks, recipe)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    total = recipe.epochs * len(lessons)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total, pct_start=0.1)
    network.train()
    counted: tqdm[int] = progress(total=total, desc=title, unit="step")
    with counted as bar:
        for epoch in range(recipe.epochs):
            for batch in lessons.epoch(epoch):
                loss = _loss(network, lessons, batch)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                bar.update()
                bar.set_postfix(loss=f"{loss.item():.3f}")
    return network.eval()
