"""Photos that people took of their own clothes, lying about or on a hanger.

They show real cloth in real rooms. The embedder learns from them what category of garment each
shows. For composed scenes they are cut out and carried, their corners, what a garment lies
on, are floors and walls, and some are scenes as they are.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.errors import ModelError
from models.simulation.camera import film
from models.simulation.cutout import Cutout, read_image
from models.taxonomy import EMBEDDER_CATEGORIES, GARMENTS, category_of
from models.training.data import held_out, in_processes
from models.training.scenes.stage import Label, Scene

Rng = np.random.Generator
Box = tuple[int, int, int, int]

#: Share of a photo, from a corner, that shows what the garment lies on.
_CORNER: Final = (0.14, 0.3)
# Labels that allow several categories; the most probable first.
_VAGUE: Final = {
    "pants": ("trousers", "jeans"),
    "outwear": ("jacket", "coat"),
    "longsleeve": ("top", "sweater"),
    "blouse": ("shirt", "top"),
}
#: Padding value of the detector's letterbox.
_GREY: Final = 114
_NO_RECT: Final = (0, 0, 0, 0)
#: Longest side in pixels at which garments are segmented from their background.
_SKETCH: Final = 160
#: What a cut-out fills of its photo, at least and at most.
_FILLS: Final = (0.15, 0.8)
#: Share of the photo's rim that a cut-out may touch, and minimum share of its convex hull.
_RIM, _COMPACT = 0.08, 0.55


@dataclass(frozen=True)
class Snapshot:
    """A photo of one garment with the categories that its label allows.

    `categories` are names of `models.taxonomy`, the most probable first; empty for labels
    without a category.
    """

    path: Path
    categories: tuple[str, ...]


def load_snapshots(root: Path, validation: bool) -> list[Snapshot]:
    """List the photos of one split by sender; there may be none.

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
        Snapshot(photos / row["file"], _categories_of(row["label"]))
        for row in rows
        if held_out(row["sender"]) == validation
    ]


def of_garments(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return the snapshots of garments that the detector detects."""
    return [shot for shot in snapshots if set(shot.categories) & set(GARMENTS)]


def _categories_of(label: str) -> tuple[str, ...]:
    categories = _VAGUE.get(label.strip().lower(), (category_of(label),))
    return tuple(category for category in categories if category in EMBEDDER_CATEGORIES)


class LabelledSnapshots:
    """Snapshots as the embedder learns categories from them; rare categories come more counts."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        """Select the snapshots with a known category."""
        self._labelled = [shot for shot in snapshots if shot.categories]
        counts = Counter(shot.categories for shot in self._labelled)
        weights = np.array([counts[shot.categories] ** -0.5 for shot in self._labelled])
        self._weights = weights / max(weights.sum(), 1e-9)

    def draw(self, count: int, rng: Rng) -> tuple[list[Image], NDArray[np.bool_]]:
        """Draw photos, each filmed as if a detector had cut it out.

        Returns:
            N pictures, uint8 H×W×3 BGR, and bool N×K, the `EMBEDDER_CATEGORIES` that each may
            belong to; N is `count`, or 0 without snapshots.
        """
        if not self._labelled:
            return [], np.zeros((0, len(EMBEDDER_CATEGORIES)), bool)
        chosen = rng.choice(len(self._labelled), count, p=self._weights)
        shots = [self._labelled[int(n)] for n in chosen]
        label_mask = np.array(
            [[category in shot.categories for category in EMBEDDER_CATEGORIES] for shot in shots]
        )
        return [_as_cut_out(read_image(shot.path), rng) for shot in shots], label_mask


def _as_cut_out(photo: Image, rng: Rng) -> Image:
    """Rotate, flip and crop a photo randomly, like the crops of a detector."""
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


def _garment_mask(photo: Image) -> NDArray[np.uint8] | None:
    """Segment the garment from its background, 1 and 0; None where the mask is unreliable.

    Senders put their garment in the middle, on something of another look: GrabCut (Rother
    et al., SIGGRAPH 2004) starts from that.
    """
    scale = min(1.0, _SKETCH / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    y, x = np.abs(np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])
    mask = np.where((x < 0.75) & (y < 0.8), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    rim = max(2, round(0.02 * max(height, width)))
    mask[:rim] = mask[-rim:] = mask[:, :rim] = mask[:, -rim:] = cv2.GC_BGD
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its clusters start at random
    cv2.grabCut(small, mask, _NO_RECT, back, front, 4, cv2.GC_INIT_WITH_MASK)
    garment = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    found = np.asarray(cv2.morphologyEx(garment, cv2.MORPH_OPEN, np.ones((3, 3))), np.uint8)
    outlines = cv2.findContours(found, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    whole = np.zeros_like(found)
    cv2.drawContours(whole, [outline], -1, 1, cv2.FILLED)
    edges = [whole[rim], whole[-rim - 1], whole[:, rim], whole[:, -rim - 1]]
    hull = max(cv2.contourArea(cv2.convexHull(outline)), 1.0)
    trusted = (
        _FILLS[0] < whole.mean() < _FILLS[1]
        and np.concatenate(edges).mean() < _RIM
        and whole.sum() > _COMPACT * hull
    )
    return whole if trusted else None


_cutouts: dict[Snapshot, Cutout | None] = {}


def cut_out_snapshot(snapshot: Snapshot) -> Cutout | None:
    """Cut a garment out of its photo, once; None where it does not stand out or has no category."""
    if snapshot not in _cutouts:
        _cutouts[snapshot] = _cut_out(snapshot)
    return _cutouts[snapshot]


def cut_out_snapshots(snapshots: Sequence[Snapshot], workers: int) -> None:
    """Cut garments out in several processes, so that `cut_out_snapshot` has them ready."""
    missing = [snapshot for snapshot in snapshots if snapshot not in _cutouts]
    _cutouts.update(zip(missing, in_processes(_cut_out, missing, workers), strict=True))


def _cut_out(snapshot: Snapshot) -> Cutout | None:
    if not snapshot.categories:
        return None
    photo = read_image(snapshot.path)
    mask = _garment_mask(photo)
    if mask is None:
        return None
    soft = cv2.resize(mask * np.float32(255), photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    # Sharpened again, and a little inside: a rim of somebody's carpet would give it away.
    alpha = np.clip((cv2.GaussianBlur(soft, (0, 0), 1) - 127) * 3 + 60, 0, 255).astype(np.uint8)
    ys, xs = np.nonzero(alpha > 127)
    part = slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1)
    bgra = np.ascontiguousarray(np.dstack([photo, alpha])[part])
    return Cutout(bgra, snapshot.path.stem, snapshot.categories[0])


def garment_box(photo: Image) -> Box | None:
    """Box the one garment of a photo, (x1, y1, x2, y2) in pixels; None if it does not stand out."""
    mask = _garment_mask(photo)
    if mask is None:
        return None
    x, y, width, height = cv2.boundingRect(mask)
    across, down = photo.shape[1] / mask.shape[1], photo.shape[0] / mask.shape[0]
    corners = (x * across, y * down, (x + width) * across, (y + height) * down)
    return cast("Box", tuple(map(round, corners)))


def snapshot_scene(snapshot: Snapshot, size: int, rng: Rng) -> Scene | None:
    """Film a photo as it is, somewhere in a square of grey; None where nothing stands out.

    Args:
        snapshot: Of a garment that the detector is to find.
        size: The scene's side in pixels.
        rng: Source of randomness.
    """
    photo = read_image(snapshot.path)
    box = garment_box(photo)
    if box is None:
        return None
    scale = size * rng.uniform(0.45, 1) / max(photo.shape[:2])
    width, height = (max(1, int(n * scale)) for n in photo.shape[1::-1])
    left, top = int(rng.integers(size - width + 1)), int(rng.integers(size - height + 1))
    canvas = np.full((size, size, 3), _GREY, np.uint8)
    canvas[top : top + height, left : left + width] = film(
        np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8), rng
    )
    x1, y1, x2, y2 = (round(scale * n) for n in box)
    seen = (left + x1, top + y1, min(left + x2, size), min(top + y2, size))
    named = str(rng.choice(snapshot.categories))
    label = Label(named, snapshot.path.stem, seen, "lying", 1.0)
    return Scene(canvas, (label,))


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
