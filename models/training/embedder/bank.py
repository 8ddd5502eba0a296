"""What the embedder's training has been shown so far, on the device it trains on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import torch

from models.taxonomy import GARMENTS, KINDS
from models.training.data import Article
from models.training.embedder.rendering import Material, Rendered
from models.training.embedder.views import INPUT_SIZE

#: Bytes of one picture.
PICTURE: Final = INPUT_SIZE[0] * INPUT_SIZE[1] * 3
#: Snapshots kept; the oldest go.
_SNAPSHOTS: Final = 4096


class Shown(NamedTuple):
    """What a step draws; all pictures are uint8 N×H×W×3 RGB.

    Attributes:
        rows: int64 B, positions among the trained articles.
        views: Of B·V pictures, the V views of an article after each other.
        shots: Of B packshots.
        snapshots: Of P photos of other garments.
        may: bool P×K, which of `KINDS` each of these may be.
    """

    rows: torch.Tensor
    views: torch.Tensor
    shots: torch.Tensor
    snapshots: torch.Tensor
    may: torch.Tensor


def views_kept(garments: int, memory: float, most: int = 32) -> int:
    """Compute how many views of each garment fit into `memory` bytes, at least 1."""
    return max(1, min(most, int(memory // (max(garments, 1) * PICTURE))))


class Bank:
    """Packshots, views, snapshots and held-out queries as they arrive.

    Articles are renumbered: the trained ones first, in the order of `Material.trained`, so
    that the training's gallery is the first part of the whole one.
    """

    def __init__(self, material: Material, kept: int, device: torch.device) -> None:
        """Make room for `kept` views of each trained garment."""
        trained = list(material.trained)
        order = trained + sorted(set(range(len(material.articles))) - set(trained))
        self.articles: Sequence[Article] = [material.articles[row] for row in order]
        self.trained, self.kept, self.device = len(trained), kept, device
        self._number = {row: n for n, row in enumerate(order)}
        garments = [n for n in range(len(trained)) if self.articles[n].category in GARMENTS]
        self._place = {n: place for place, n in enumerate(garments)}
        self._garments, self._counts = torch.tensor(garments), torch.zeros(len(garments)).long()
        kinds = [KINDS.index(article.category) for article in self.articles[: len(trained)]]
        self.kinds = torch.tensor(kinds, device=device)
        self.shots, self._views = self._room(len(order)), self._room(len(garments) * kept)
        self._snapshots = self._room(_SNAPSHOTS)
        self._may = torch.zeros(_SNAPSHOTS, len(KINDS), dtype=torch.bool, device=device)
        self.queries, self.query_rows = self._room(len(material.queries)), list[int]()
        self._expected = len(order), len(material.queries)
        self._shots_here, self._snapshots_here, self.rendered = 0, 0, 0

    def _room(self, count: int) -> torch.Tensor:
        return torch.empty(count, *INPUT_SIZE, 3, dtype=torch.uint8, device=self.device)

    def take(self, arrived: Iterable[Rendered]) -> None:
        """Put what has been rendered in its place; the oldest view of an article goes."""
        for part in arrived:
            images = torch.from_numpy(part.images).to(self.device)
            numbers = [self._number[int(row)] for row in part.rows]
            if part.sort == "packshot":
                self.shots[torch.tensor(numbers, device=self.device)] = images
                self._shots_here += len(numbers)
            elif part.sort == "query":
                start = len(self.query_rows)
                self.queries[start : start + len(numbers)] = images
                self.query_rows += part.rows.tolist()
            elif part.sort == "view":
                places = torch.tensor([self._place[n] for n in numbers])
                slots = places * self.kept + self._counts[places] % self.kept
                self._views[slots.to(self.device)] = images
                self._counts[places] += 1
                self.rendered += len(numbers)
            else:
                slots = (self._snapshots_here + torch.arange(len(images))) % _SNAPSHOTS
                self._snapshots[slots.to(self.device)] = images
                self._may[slots.to(self.device)] = torch.from_numpy(part.may).to(self.device)
                self._snapshots_here += len(images)

    def number(self, row: int) -> int:
        """Return an article's number here, by its row in the material."""
        return self._number[row]

    @property
    def complete(self) -> bool:
        """Whether all packshots and queries are here."""
        return (self._shots_here, len(self.query_rows)) == self._expected

    def ready(self, count: int, share: float = 0.5) -> bool:
        """Tell whether `count` articles and this share of all have a view to train on."""
        here, all_of_them = int((self._counts > 0).sum()), len(self._counts)
        return self.complete and here >= max(min(count, all_of_them), share * all_of_them)

    def draw(self, count: int, views: int, snapshots: int, random: torch.Generator) -> Shown:
        """Draw a batch of different articles, and different views of each where there are.

        Args:
            count: Articles; fewer where fewer have views.
            views: Of each article.
            snapshots: Photos of other garments; none where none are here.
            random: Source of randomness, on the CPU.
        """
        here = torch.nonzero(self._counts > 0).flatten()
        places = here[torch.randperm(len(here), generator=random)[:count]]
        filled = self._counts[places].clamp(max=self.kept)[:, None]
        first = torch.rand(len(places), 1, generator=random).mul(filled).long()
        slots = places[:, None] * self.kept + (first + torch.arange(views)) % filled
        known = min(self._snapshots_here, _SNAPSHOTS)
        chosen = torch.randint(max(known, 1), (snapshots if known else 0,), generator=random)
        chosen, rows = chosen.to(self.device), self._garments[places].to(self.device)
        return Shown(
            rows,
            self._views[slots.flatten().to(self.device)],
            self.shots[rows],
            self._snapshots[chosen],
            self._may[chosen],
        )
