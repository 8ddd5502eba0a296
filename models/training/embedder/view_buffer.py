"""A buffer of rendered images on the training device, from which batches are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import torch

from models.taxonomy import EMBEDDER_CATEGORIES, GARMENTS
from models.training.data import Article
from models.training.embedder.rendering import RenderedImages, RenderPlan
from models.training.embedder.views import INPUT_SIZE

#: Bytes of one image.
IMAGE_BYTES: Final = INPUT_SIZE[0] * INPUT_SIZE[1] * 3
#: Capacity of the snapshot ring buffer.
_SNAPSHOTS: Final = 4096


class TrainingBatch(NamedTuple):
    """One batch; all images are uint8 N×H×W×3 RGB.

    Attributes:
        rows: int64 B, indices into the training articles.
        views: B·V carried views, the V views of an article in a row.
        packshots: B packshots.
        snapshots: P photos of other garments.
        label_mask: bool P×K, the categories that each snapshot may belong to.
    """

    rows: torch.Tensor
    views: torch.Tensor
    packshots: torch.Tensor
    snapshots: torch.Tensor
    label_mask: torch.Tensor


def views_that_fit(garments: int, memory: float, most: int = 32) -> int:
    """Compute how many views of each garment fit into `memory` bytes, at least 1."""
    return max(1, min(most, int(memory // (max(garments, 1) * IMAGE_BYTES))))


class ViewBuffer:
    """Packshots, views, snapshots and validation queries, filled while workers render.

    Articles are reindexed: the training split first, in the order of `RenderPlan.train_rows`, so
    that the training gallery is a prefix of the full gallery.
    """

    def __init__(self, plan: RenderPlan, views_per_article: int, device: torch.device) -> None:
        """Allocate ring buffers of `views_per_article` views for each training garment."""
        train_rows = list(plan.train_rows)
        order = train_rows + sorted(set(range(len(plan.articles))) - set(train_rows))
        self.articles: Sequence[Article] = [plan.articles[row] for row in order]
        self.train_count, self.views_per_article = len(train_rows), views_per_article
        self.device = device
        self._index_of = {row: n for n, row in enumerate(order)}
        train_articles = self.articles[: len(train_rows)]
        garments = [n for n, a in enumerate(train_articles) if a.category in GARMENTS]
        self._garment_slot = {n: slot for slot, n in enumerate(garments)}
        self._garments, self._counts = torch.tensor(garments), torch.zeros(len(garments)).long()
        labels = [EMBEDDER_CATEGORIES.index(article.category) for article in train_articles]
        self.labels = torch.tensor(labels, device=device)
        self.packshots = self._allocate(len(order))
        self._views = self._allocate(len(garments) * views_per_article)
        self._snapshots = self._allocate(_SNAPSHOTS)
        self._label_masks = torch.zeros(
            _SNAPSHOTS, len(EMBEDDER_CATEGORIES), dtype=torch.bool, device=device
        )
        self.queries, self.query_rows = self._allocate(len(plan.query_rows)), list[int]()
        self._expected = len(order), len(plan.query_rows)
        self._packshot_count, self._snapshot_count, self.view_count = 0, 0, 0

    def _allocate(self, count: int) -> torch.Tensor:
        return torch.empty(count, *INPUT_SIZE, 3, dtype=torch.uint8, device=self.device)

    def add(self, rendered: Iterable[RenderedImages]) -> None:
        """Store rendered images; a new view overwrites the article's oldest one."""
        for message in rendered:
            images = torch.from_numpy(message.images).to(self.device)
            indices = [self._index_of[int(row)] for row in message.rows]
            if message.role == "packshot":
                self.packshots[torch.tensor(indices, device=self.device)] = images
                self._packshot_count += len(indices)
            elif message.role == "query":
                start = len(self.query_rows)
                self.queries[start : start + len(indices)] = images
                self.query_rows += message.rows.tolist()
            elif message.role == "view":
                garments = torch.tensor([self._garment_slot[n] for n in indices])
                capacity = self.views_per_article
                slots = garments * capacity + self._counts[garments] % capacity
                self._views[slots.to(self.device)] = images
                self._counts[garments] += 1
                self.view_count += len(indices)
            else:
                self._add_snapshots(images, torch.from_numpy(message.label_mask))

    def _add_snapshots(self, images: torch.Tensor, label_mask: torch.Tensor) -> None:
        slots = (self._snapshot_count + torch.arange(len(images))) % _SNAPSHOTS
        self._snapshots[slots.to(self.device)] = images
        self._label_masks[slots.to(self.device)] = label_mask.to(self.device)
        self._snapshot_count += len(images)

    def index_of(self, row: int) -> int:
        """Return an article's index in this buffer, by its row in the render plan."""
        return self._index_of[row]

    @property
    def is_complete(self) -> bool:
        """Whether all packshots and validation queries have been rendered."""
        return (self._packshot_count, len(self.query_rows)) == self._expected

    def is_ready(self, count: int, share: float = 0.5) -> bool:
        """Return whether `count` articles and this share of all have at least one view."""
        available, total = int((self._counts > 0).sum()), len(self._counts)
        return self.is_complete and available >= max(min(count, total), share * total)

    def draw(
        self, count: int, views: int, snapshots: int, generator: torch.Generator
    ) -> TrainingBatch:
        """Draw a batch of distinct articles, with distinct views of each where available.

        Args:
            count: Articles; fewer if fewer have views.
            views: Views per article.
            snapshots: Photos of other garments; 0 if none have been rendered yet.
            generator: Source of randomness, on the CPU.
        """
        available = torch.nonzero(self._counts > 0).flatten()
        garments = available[torch.randperm(len(available), generator=generator)[:count]]
        filled = self._counts[garments].clamp(max=self.views_per_article)[:, None]
        first = torch.rand(len(garments), 1, generator=generator).mul(filled).long()
        offsets = (first + torch.arange(views)) % filled
        slots = garments[:, None] * self.views_per_article + offsets
        stored = min(self._snapshot_count, _SNAPSHOTS)
        drawn = torch.randint(max(stored, 1), (snapshots if stored else 0,), generator=generator)
        drawn, rows = drawn.to(self.device), self._garments[garments].to(self.device)
        return TrainingBatch(
            rows,
            self._views[slots.flatten().to(self.device)],
            self.packshots[rows],
            self._snapshots[drawn],
            self._label_masks[drawn],
        )
