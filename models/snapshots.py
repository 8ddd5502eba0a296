"""Photos that people took of their own clothes, lying about or on a hanger.

They show real cloth in real rooms. What kind of garment each shows, the embedder learns
from; their corners, what it lies on, are floors and walls for composed scenes.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data import held_out
from models.errors import ModelError
from models.scenes.camera import film
from models.scenes.cutout import Image, read_image
from models.taxonomy import KINDS, category_of

Rng = np.random.Generator

#: Share of a photo, from a corner, that shows what the garment lies on.
_CORNER: Final = (0.14, 0.3)
# Words of senders that say less than our categories do.
_VAGUE: Final = {
    "pants": {"trousers", "jeans"},
    "outwear": {"jacket", "coat"},
    "longsleeve": {"top", "sweater"},
    "blouse": {"shirt", "top"},
}


@dataclass(frozen=True)
class Snapshot:
    """A photo of one garment, and the kinds that its sender's word for it may mean.

    `kinds` are names of `models.taxonomy`, none where the word says nothing.
    """

    path: Path
    kinds: frozenset[str]


def load_snapshots(root: Path, validation: bool) -> list[Snapshot]:
    """List the photos of one side of the split by sender; there may be none.

    Raises:
        ModelError: `garments.csv` lacks a column.
    """
    table = root / "data" / "garments.csv"
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and (missing := {"file", "label", "sender"} - set(rows[0])):
        raise ModelError(f"{table}: lacks the column {sorted(missing)[0]!r}.")
    photos = root / "data" / "garments"
    return [
        Snapshot(photos / row["file"], _kinds_of(row["label"]))
        for row in rows
        if held_out(row["sender"]) == validation
    ]


def _kinds_of(label: str) -> frozenset[str]:
    kinds = _VAGUE.get(label.strip().lower(), {category_of(label)})
    return frozenset(kinds & set(KINDS))


class KindExamples:
    """Snapshots as the embedder learns kinds from them; rare kinds come more often."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep those whose kind is known."""
        self._known = [shot for shot in snapshots if shot.kinds]
        often = Counter(shot.kinds for shot in self._known)
        weights = np.array([often[shot.kinds] ** -0.5 for shot in self._known])
        self._weights = weights / max(weights.sum(), 1e-9)

    def draw(self, count: int, rng: Rng) -> tuple[list[Image], NDArray[np.bool_]]:
        """Draw photos, each filmed as if a detector had cut it out.

        Returns:
            N pictures, uint8 H×W×3 BGR, and bool N×K, which of `KINDS` each may be; N is
            `count`, or 0 without snapshots.
        """
        if not self._known:
            return [], np.zeros((0, len(KINDS)), bool)
        chosen = rng.choice(len(self._known), count, p=self._weights)
        shots = [self._known[int(n)] for n in chosen]
        may = np.array([[kind in shot.kinds for kind in KINDS] for shot in shots])
        return [_as_cut_out(read_image(shot.path), rng) for shot in shots], may


def _as_cut_out(photo: Image, rng: Rng) -> Image:
    """Turn, mirror and cut a photo as boxes of a detector might show its garment."""
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 12), 1.0)
    turned = cv2.warpAffine(photo, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    rows, columns = (_span(size, rng) for size in (height, width))
    part = np.ascontiguousarray(turned[rows, columns][:, :: 1 if rng.random() < 0.5 else -1])
    return film(np.asarray(part, np.uint8), rng, 0.6)


def _span(size: int, rng: Rng) -> slice:
    length = max(int(size * rng.uniform(0.65, 1)), min(size, 8))
    start = int(rng.integers(size - length + 1))
    return slice(start, start + length)


class Surfaces:
    """What photographed garments lie on and hang before: floors, walls, sheets."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        """Cut them out of these photos."""
        self._snapshots = snapshots

    def __len__(self) -> int:
        """Count the photos."""
        return len(self._snapshots)

    def pick(self, rng: Rng) -> Image:
        """Cut a corner of a random photo; uint8 h×w×3 BGR."""
        photo = read_image(self._snapshots[int(rng.integers(len(self._snapshots)))].path)
        photo = photo[:: 1 if rng.random() < 0.5 else -1, :: 1 if rng.random() < 0.5 else -1]
        height, width = (int(n * rng.uniform(*_CORNER)) for n in photo.shape[:2])
        return np.ascontiguousarray(photo[: max(height, 8), : max(width, 8)])
