"""What a catalogue picture shows, and the part of it that is the article.

A shop knows an article's category, and a person wears one garment on each part of the body. So the
probabilities of all categories of that part count together: whether a top is a shirt or a
sweater is a matter of the feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.parsers.protocol import CLASSES, PICTURE_CLASSES, GarmentParser, PictureKind
from models.taxonomy import EMBEDDER_CATEGORIES, PARTS

Floats = NDArray[np.float32]
#: From these probabilities on a picture is taken for what it is; otherwise for a packshot, which
#: is embedded as it is.
_SURE: Final = {PictureKind.WORN: 0.6, PictureKind.DETAIL: 0.8, PictureKind.NOTHING: 0.8}
#: Parts of the body that may be meant where nothing is found on the article's own.
_NEXT: Final = {
    "upper": (("upper",), ("upper", "outer"), ("full",)),
    "outer": (("outer",), ("outer", "upper")),
    "full": (("full",), ("full", "upper", "lower")),
    "lower": (("lower",), ("full",)),
}
#: How much more of a photo each part fills if a garment of some part is known to be in it: who
#: wears a dress wears hardly any trousers. Counted on the 800 training photos of people.
_GIVEN: Final = {
    "upper": {"upper": 1.53, "outer": 0.83, "full": 0.42, "lower": 1.25},
    "outer": {"upper": 0.46, "outer": 2.17, "full": 0.57, "lower": 0.99},
    "full": {"upper": 0.49, "outer": 0.71, "full": 3.41, "lower": 0.09},
    "lower": {"upper": 1.18, "outer": 1.06, "full": 0.14, "lower": 1.41},
    "bag": {"bag": 1.55},
    "shoes": {"shoes": 1.11},
    "hat": {"hat": 10.1, "scarf": 0.42, "full": 0.7},
    "scarf": {"scarf": 11.6, "hat": 0.28, "full": 0.52},
    "accessory": {"accessory": 2.66},
}
#: Share of the picture that an article must fill, and of what is worn (clothes of the large parts).
_LEAST: Final = 0.004
_LEAST_OF_WORN: Final = 0.12
_LARGE_PARTS: Final = ("upper", "outer", "full", "lower")
#: Parts of a mask that are smaller than this share of the largest are noise.
_SMALL: Final = 0.08
#: What is left around a mask for the second look, as a share of its size.
_MARGIN: Final = 0.2

#: How fast a mask rises from 0 to 1 where the article begins to lead.
_STEEP: Final = 6


@dataclass(frozen=True)
class Finding:
    """What a catalogue picture shows.

    Attributes:
        kind: What kind of picture it is.
        alpha: uint8 H×W, 255 where somebody wears the article; None for other kinds, and where
            the article was not found on the person.
    """

    kind: PictureKind
    alpha: Image | None = None


def find_article(parser: GarmentParser, image: Image, category: str) -> Finding:
    """Say what a picture shows, and where on a person the article is.

    Args:
        parser: Parses the picture, and once more the part of it around the article.
        image: uint8 H×W×3 BGR.
        category: Of the article, a name of `models.taxonomy`.
    """
    parsed = parser.parse([image])
    kind = choose_kind(parsed.picture[0])
    if kind is not PictureKind.WORN or category not in EMBEDDER_CATEGORIES:
        return Finding(kind)
    rough = article_mask(parsed.pixels[0], category)
    if rough is None:
        return Finding(kind)
    window = _around(rough, image.shape[:2])
    left, top, right, bottom = window
    fine = article_mask(_look_closer(parser, image, parsed.pixels[0], window), category)
    if fine is None:
        return Finding(kind, _sharpen(rough, image.shape[:2]))
    alpha = np.zeros(image.shape[:2], np.uint8)
    alpha[top:bottom, left:right] = _sharpen(fine, (bottom - top, right - left))
    return Finding(kind, alpha)


def _look_closer(
    parser: GarmentParser, image: Image, pixels: Floats, window: tuple[int, int, int, int]
) -> Floats:
    """Average what a window, its mirror image and the whole picture say of the window's pixels."""
    left, top, right, bottom = window
    part = image[top:bottom, left:right]
    plain, mirrored = parser.parse([part, np.ascontiguousarray(part[:, ::-1])]).pixels
    height, width = plain.shape[1:]
    scale_y, scale_x = pixels.shape[1] / image.shape[0], pixels.shape[2] / image.shape[1]
    # Pixel centres of the window's grid, in the grid of the whole picture.
    xs = (left + (np.arange(width) + 0.5) * (right - left) / width) * scale_x - 0.5
    ys = (top + (np.arange(height) + 0.5) * (bottom - top) / height) * scale_y - 0.5
    across, down = np.meshgrid(xs.astype(np.float32), ys.astype(np.float32))
    whole = [
        cv2.remap(layer, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for layer in pixels
    ]
    return np.asarray((plain + mirrored[..., ::-1] + np.stack(whole)) / 3, np.float32)


def choose_kind(probabilities: Floats) -> PictureKind:
    """Choose the kind of a picture; a packshot unless another kind is nearly certain.

    Args:
        probabilities: By `PICTURE_CLASSES`.
    """
    kind = PICTURE_CLASSES[int(probabilities.argmax())]
    sure = _SURE.get(kind, 0.0)
    return kind if probabilities.max() >= sure else PictureKind.PACKSHOT


def article_mask(pixels: Floats, category: str) -> Floats | None:
    """Find the article of a category on a person.

    Args:
        pixels: float32 18×h×w, probabilities by `CLASSES`.
        category: One of `EMBEDDER_CATEGORIES`.

    Returns:
        float32 h×w, how much more probable the article is than anything else, -1 to 1; above 0
        where it is. None where it is not found.
    """
    by_part = {"background": pixels[0], "person": pixels[1]}
    for number, name in enumerate(CLASSES[2:], 2):
        part = PARTS[name]
        by_part[part] = by_part[part] + pixels[number] if part in by_part else pixels[number]
    wanted = PARTS[category]
    given = _GIVEN.get(wanted, {})
    by_part = {part: given.get(part, 1.0) * found for part, found in by_part.items()}
    total = np.maximum(sum(by_part.values()), 1e-6)
    by_part = {part: np.asarray(found / total) for part, found in by_part.items()}
    worn = sum(float(_wins(by_part, (part,)).sum()) for part in _LARGE_PARTS)
    for parts in _NEXT.get(wanted, ((wanted,),)):
        inside = _wins(by_part, parts)
        least = max(_LEAST * inside.size, _LEAST_OF_WORN * worn if wanted in _LARGE_PARTS else 0)
        if inside.sum() >= least:
            lead = _lead(by_part, parts)
            return np.where(_main_parts(inside), lead, np.minimum(lead, -0.25))
    return None


def _lead(by_part: dict[str, Floats], parts: tuple[str, ...]) -> Floats:
    own = sum((by_part[part] for part in parts), np.zeros_like(by_part["person"]))
    others = np.max([found for part, found in by_part.items() if part not in parts], axis=0)
    return np.asarray(own - others, np.float32)


def _wins(by_part: dict[str, Floats], parts: tuple[str, ...]) -> NDArray[np.bool_]:
    return _lead(by_part, parts) > 0


def _main_parts(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    if count <= 2:
        return inside
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept: NDArray[np.bool_] = np.isin(labels, 1 + np.flatnonzero(areas > _SMALL * areas.max()))
    return kept


def _sharpen(lead: Floats, size: tuple[int, int]) -> Image:
    """Scale a lead up to a soft mask; uint8 of a size (height, width)."""
    large = cv2.resize(lead, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(255 * np.clip(0.5 + _STEEP * large, 0, 1), np.uint8)


def _around(lead: Floats, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom in pixels of a picture around a mask, with a margin."""
    ys, xs = np.nonzero(lead > 0)
    scale = np.array([size[1] / lead.shape[1], size[0] / lead.shape[0]])
    low, high = (
        np.array([xs.min(), ys.min()]) * scale,
        np.array([xs.max() + 1, ys.max() + 1]) * scale,
    )
    pad = _MARGIN * (high - low) + 4
    left, top = np.maximum(low - pad, 0).astype(int)
    right, bottom = np.minimum(np.ceil(high + pad), size[::-1]).astype(int)
    return int(left), int(top), int(right), int(bottom)
