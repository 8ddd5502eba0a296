"""Pictures of articles as pages show them: trimmed, on white, in two sizes.

Feeds bring packshots of every shape, on grounds that are nearly white, with much or little room
around the article. On a page they would float in tiles of different whites. A rendition of a
packshot is 3:4 with the article in its middle, and its ground is white, so that a page may colour
it (CSS `mix-blend-mode: multiply`). Any other photo is scaled only.
"""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from common.files import write_whole
from common.image import Image, cut_window
from models.simulation.cutout import find_article_box, fit_ground, read_image
from store import Site, StoreError

#: Changes when renditions are made differently: browsers keep those of a path for ever.
VERSION: Final = "v1"
#: Longest side in pixels, by size. The large one is sharp on half of a 4K screen.
SIZES: Final = {"large": 1400, "small": 480}
_RENDITION: Final = re.compile(
    rf"{VERSION}/(?:{'|'.join(SIZES)})/([0-9a-f]{{2}})/([0-9a-f]{{32}})\.webp"
)
#: Width of a rendition's shape, of its height.
_SHAPE: Final = 3 / 4
#: Share of the rendition that the article fills, across or down.
_FILLED: Final = 0.92
_QUALITY: Final = 84
#: A plain ground differs by less than this from a smooth surface, of 255; is lighter than this on
#: average; and the article crosses less than this share of the border.
_PLAIN: Final = 14.0
_LIGHT: Final = 170.0
_CROSSING: Final = 0.25
#: White on white differs by less than this from its ground.
_PALER: Final = 12.0
#: A strap is darker than this on white ground, and a part larger than this share of the picture.
_STRAP: Final = 215
_SPECK: Final = 0.0005


def rendition_file(file: str, size: str) -> str:
    """Return the path of a picture's rendition below the folder of pictures.

    Args:
        file: Path of the picture there.
        size: One of `SIZES`.
    """
    return str(PurePosixPath(VERSION, size, PurePosixPath(file).with_suffix(".webp")))


def save_renditions(site: Site, file: str, image: Image) -> None:
    """Write the renditions of a picture that are not there yet.

    Args:
        site: Holds the pictures.
        file: The picture's path below `site.pictures`.
        image: The picture, uint8 H×W×3 BGR.

    Raises:
        StoreError: They cannot be written.
    """
    missing = [size for size in SIZES if not (site.pictures / rendition_file(file, size)).exists()]
    if not missing:
        return
    shown = trim(image)
    for size in missing:
        path = site.pictures / rendition_file(file, size)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _encode(shown, SIZES[size]))
        except OSError as error:
            raise StoreError(f"{path}: cannot be written ({error.strerror}).") from error


def make_missing(site: Site, path: str) -> None:
    """Make the renditions of a picture that was imported before there were any.

    Args:
        site: Holds the pictures.
        path: What a browser asked for below `site.pictures`; any other file is left alone.

    Raises:
        StoreError: They cannot be written.
    """
    asked = _RENDITION.fullmatch(path)
    if asked is None or (site.pictures / path).exists():
        return
    folder, stem = asked.groups()
    for original in sorted((site.pictures / folder).glob(f"{stem}.*")):
        save_renditions(site, f"{folder}/{original.name}", read_image(original))


def trim(image: Image) -> Image:
    """Put the article of a packshot into the middle of a white 3:4 picture.

    Args:
        image: uint8 H×W×3 BGR.

    Returns:
        uint8 BGR of the article's own resolution; a photo without a plain ground, or of an
        article lighter than its ground, is returned as it is.
    """
    border = max(2, min(image.shape[:2]) // 40)
    ground = fit_ground(image.astype(np.float32), border)
    found = find_article_box(image, margin=0.0) if _is_plain(image, ground, border) else None
    if found is None or _is_paler(image, ground, found):
        return image
    white = np.clip(image * (255 / np.maximum(ground, 1)) + 0.5, 0, 255).astype(np.uint8)
    left, top, right, bottom = _with_straps(white, found)
    tall = round(max(bottom - top, (right - left) / _SHAPE) / _FILLED)
    wide = round(tall * _SHAPE)
    return cut_window(white, (left + right - wide) // 2, (top + bottom - tall) // 2, wide, tall)


def _is_plain(image: Image, ground: NDArray[np.float32], border: int) -> bool:
    """Check whether the border of a picture shows a plain light ground, and little else."""
    edge = np.ones(image.shape[:2], bool)
    edge[border:-border, border:-border] = False
    off = np.abs(image[edge] - ground[edge]).max(axis=-1) > _PLAIN
    return bool(off.mean() < _CROSSING and ground[edge].mean() > _LIGHT)


def _is_paler(image: Image, ground: NDArray[np.float32], box: tuple[int, int, int, int]) -> bool:
    """Check whether an article is lighter than its ground: it would vanish on a white one."""
    left, top, right, bottom = box
    above = image[top:bottom, left:right] - ground[top:bottom, left:right]
    return bool((above.min(axis=-1) > _PALER).mean() > 0.1)


def _with_straps(white: Image, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Extend an article's box by what is thin and joins it, such as straps and laces."""
    dark = np.asarray((white.min(axis=-1) < _STRAP).astype(np.uint8))
    joined = cv2.dilate(dark, np.ones((3, 3), np.uint8))
    labels, stats = cv2.connectedComponentsWithStats(joined)[1:3]
    left, top, right, bottom = box
    inside = np.unique(labels[top:bottom, left:right])
    parts = stats[inside[inside > 0]]
    parts = parts[parts[:, cv2.CC_STAT_AREA] > _SPECK * joined.size]
    if not len(parts):
        return box
    x, y = parts[:, cv2.CC_STAT_LEFT], parts[:, cv2.CC_STAT_TOP]
    return (
        min(left, int(x.min())),
        min(top, int(y.min())),
        max(right, int((x + parts[:, cv2.CC_STAT_WIDTH]).max())),
        max(bottom, int((y + parts[:, cv2.CC_STAT_HEIGHT]).max())),
    )


def _encode(image: Image, longest: int) -> bytes:
    scale = min(1.0, longest / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    written = io.BytesIO()
    Pillow.fromarray(np.ascontiguousarray(small[:, :, ::-1])).save(
        written, "WEBP", quality=_QUALITY, method=4
    )
    return written.getvalue()
