"""Cut a garment out of its packshot.

A packshot shows one article on a plain light ground. The ground is modelled as a
smooth surface fitted to the picture's border; a pixel belongs to the garment when
the ground cannot reach it from the border without crossing a difference or an edge.
Reaching, instead of plain thresholding, keeps pale garments on pale ground whole.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from common.image import Image
from models.errors import ModelError

#: Garments that differ less from their ground than this, of 255, are cut out with holes.
_PALE = 22


#: Pixels of a picture at the most: above any camera's that shops use, and 200 MB decoded.
MOST_PIXELS: Final = 64_000_000


@dataclass(frozen=True)
class Cutout:
    """A garment without its ground.

    Attributes:
        image: uint8 H×W×4 BGRA, cropped to the garment, alpha 0 outside it.
        sku: The article's id.
        category: A name of `models.taxonomy`.
    """

    image: Image
    sku: str
    category: str

    @cached_property
    def premultiplied(self) -> NDArray[np.float32]:
        """float32 H×W×4 BGRA in 0…255, the colours multiplied by alpha."""
        alpha = self.image[..., 3].astype(np.float32) / 255
        factors = cv2.merge([alpha, alpha, alpha, np.ones_like(alpha)])
        return np.asarray(cv2.multiply(self.image, factors, dtype=cv2.CV_32F), np.float32)


def read_image(path: Path) -> Image:
    """Read a picture as uint8 H×W×3 BGR.

    Raises:
        ModelError: The file is missing, is no picture, or has more than `MOST_PIXELS`.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    if _pixels(data.tobytes()) > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        raise ModelError(f"{path}: too many pixels; {most} million at most are read.")
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise ModelError(f"{path}: not a picture that can be decoded (JPEG, PNG or WebP expected).")
    return np.asarray(image, np.uint8)


def _pixels(data: bytes) -> int:
    """Return how many pixels a picture has by its header; 0 where the header has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(data)) as picture:
                return picture.width * picture.height
    except Pillow.DecompressionBombError:
        return MOST_PIXELS + 1
    except Exception:  # a header that Pillow cannot read is left to the decoder
        return 0


def fit_ground(image: NDArray[np.float32], border: int) -> NDArray[np.float32]:
    """Fit a quadratic surface per channel to the border pixels (robust, two passes).

    Args:
        image: float32 H×W×3.
        border: Width of the border in pixels.

    Returns:
        float32 H×W×3, the ground as it would be without the article.
    """
    height, width = image.shape[:2]
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    edge = np.zeros((height, width), bool)
    edge[:border], edge[-border:], edge[:, :border], edge[:, -border:] = True, True, True, True
    rows, columns = np.nonzero(edge)
    at_x, at_y = x[columns], y[rows]
    known = np.stack([at_x**0, at_x, at_y, at_x * at_y, at_x**2, at_y**2], 1)
    pixels = image[edge].astype(np.float64)
    for _ in range(2):
        found = np.linalg.lstsq(known.T @ known, known.T @ pixels, rcond=None)[0]
        error = _largest(np.abs(known @ found - pixels))
        inliers = error <= max(6.0, float(np.median(error)) * 3)
        known, pixels = known[inliers], pixels[inliers]
    one, in_x, in_y, in_xy, in_xx, in_yy = found[..., None].astype(np.float32)
    u, v = x.astype(np.float32), y.astype(np.float32)[:, None]
    layers = [
        (one[c] + in_x[c] * u + in_xx[c] * u * u) + (in_y[c] + in_xy[c] * u + in_yy[c] * v) * v
        for c in range(3)
    ]
    return np.asarray(cv2.merge(layers), np.float32)


def _largest(channels: NDArray[Any]) -> NDArray[Any]:
    """Return the maximum of three channels; NumPy's own along so short an axis is slow."""
    one, two, three = np.moveaxis(channels, -1, 0)
    return np.asarray(np.maximum(np.maximum(one, two), three))


def _border_noise(difference: NDArray[np.float32], border: int) -> float:
    """Return the 90th percentile of what the ground model misses along the upper borders."""
    sides = np.concatenate([difference[:border].ravel(), difference[:, :border].ravel()])
    return float(np.percentile(sides, 90))


def _unreachable(open_ground: Image) -> Image:
    """Mark with 1 what a flood fill of `open_ground` from the border does not reach."""
    framed = cv2.copyMakeBorder(open_ground, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.asarray(framed[1:-1, 1:-1] != 2, np.uint8)


def _large_parts(solid: Image) -> Image:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if count <= 2:
        return solid
    areas = stats[1:, cv2.CC_STAT_AREA]
    return np.asarray(np.isin(labels, 1 + np.flatnonzero(areas > 0.08 * areas.max())), np.uint8)


def _peel(solid: Image, difference: NDArray[np.float32], rounds: int = 5) -> Image:
    """Remove edge pixels that are more background than garment (halo, contact shadow)."""
    kernel = np.ones((3, 3), np.uint8)
    core = cv2.erode(solid, np.ones((9, 9), np.uint8))
    inside = cv2.dilate(np.where(core > 0, difference, 0).astype(np.float32), np.ones((17, 17)))
    for _ in range(rounds):
        rim = (solid > 0) & (cv2.erode(solid, kernel) == 0)
        solid = solid.copy()
        solid[rim & (difference < 0.45 * inside)] = 0
    return solid


def _complete(solid: Image) -> Image:
    """Restore what the flood fill removed from a garment hardly darker than its background.

    Garments lie straight and are the same left and right: what one half has, the other
    has too. Slits that are left are closed, and holes without a way out are filled.
    """
    ys, xs = np.nonzero(solid)
    if not ys.size:
        return solid
    part = solid[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    mirrored = part[:, ::-1]
    both = part | mirrored
    if (part & mirrored).sum() > 0.5 * both.sum():
        part = both
    size = max(3, round(0.035 * max(part.shape))) * 2 + 1
    framed = cv2.copyMakeBorder(part, size, size, size, size, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    whole = _unreachable(np.asarray(1 - closed, np.uint8))[size:-size, size:-size]
    completed = solid.copy()
    completed[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] = whole
    return completed


def _silhouette(
    difference: NDArray[np.float32], edges: NDArray[np.float32], tolerance: float
) -> Image:
    ground = np.asarray((difference < tolerance) & (edges < 4 * tolerance), np.uint8)
    # Two passes: a flood that cannot squeeze through gaps, then one that follows every slit.
    narrowed = np.asarray(cv2.erode(ground, np.ones((5, 5), np.uint8)), np.uint8)
    tight = _unreachable(narrowed)
    closed = cv2.morphologyEx(_unreachable(ground), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    solid = _large_parts(np.asarray(closed, np.uint8) & tight)
    if solid.sum() >= 0.5 * tight.sum():
        return solid
    return np.asarray(cv2.erode(_large_parts(tight), np.ones((5, 5), np.uint8)), np.uint8)


def garment_alpha(image: Image) -> Image:
    """Estimate a soft alpha matte of the one article on a plain ground.

    Args:
        image: uint8 H×W×3 BGR packshot.

    Returns:
        uint8 H×W, 255 inside the garment.
    """
    border = max(2, image.shape[1] // 40)
    work = cv2.GaussianBlur(image, (3, 3), 0).astype(np.float32)
    difference = _largest(np.abs(work - fit_ground(work, border)))
    tolerance = float(np.clip(2.2 * _border_noise(difference, border), 2.2, 12))
    across, down = cv2.Sobel(work, cv2.CV_32F, 1, 0), cv2.Sobel(work, cv2.CV_32F, 0, 1)
    edges = _largest(np.asarray(cv2.magnitude(across, down), np.float32))
    solid = _silhouette(difference, edges, tolerance)
    contrast = float(np.median(difference[solid > 0])) if solid.any() else 0.0
    if contrast > 25:  # a strong garment needs no fine tolerance, and JPEG rings around it
        solid = _silhouette(difference, edges, max(tolerance, 0.22 * contrast))
    if contrast < _PALE:
        solid = _complete(solid)
    solid = _peel(solid, difference)
    opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    solid = _large_parts(np.asarray(opened, np.uint8))
    return np.asarray(cv2.GaussianBlur(solid * 255, (3, 3), 0), np.uint8)


def cut_out(image: Image, sku: str, category: str) -> Cutout:
    """Cut the article out of a packshot and crop to it.

    Args:
        image: uint8 H×W×3 BGR.
        sku: The article's id, kept for truth files.
        category: A name of `models.taxonomy`.

    Raises:
        ModelError: No article stands out from the ground.
    """
    alpha = garment_alpha(image)
    ys, xs = np.nonzero(alpha > 127)
    if ys.size < 0.005 * alpha.size:
        raise ModelError(f"{sku}: no article stands out from the ground of its picture.")
    top, bottom, left, right = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    bgra = np.dstack([image, alpha])[top:bottom, left:right]
    return Cutout(np.ascontiguousarray(bgra), sku, category)


def crop_to_article(image: Image, margin: float = 0.03) -> Image:
    """Crop a packshot to its article, ground kept; the whole picture where none stands out.

    Args:
        image: uint8 H×W×3 BGR.
        margin: Ground left around the article, as a share of its size.
    """
    found = find_article_box(image, margin)
    if found is None:
        return image
    left, top, right, bottom = found
    return image[top:bottom, left:right]


def find_article_box(image: Image, margin: float = 0.03) -> tuple[int, int, int, int] | None:
    """Find the article of a packshot; None where none stands out from the ground.

    Args:
        image: uint8 H×W×3 BGR.
        margin: Ground around the article to include, as a share of its size.

    Returns:
        Left, top, right and bottom in pixels.
    """
    height, width = image.shape[:2]
    scale = min(1.0, 180 / height)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(garment_alpha(np.asarray(small, np.uint8)) > 127)
    if ys.size < 0.005 * small.shape[0] * small.shape[1]:
        return None
    box = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) / scale
    pad = margin * np.array([box[2] - box[0], box[3] - box[1]])
    left, top = np.maximum(box[:2] - pad, 0).astype(int)
    right, bottom = np.minimum(np.ceil(box[2:] + pad), [width, height]).astype(int)
    return int(left), int(top), int(right), int(bottom)
