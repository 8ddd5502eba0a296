"""Draw a shop: as a map on which similar articles are neighbours, and those that look alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE

from common.image import Image

#: Columns and rows of the map, and pixels of a cell.
_GRID: Final = (64, 40)
_CELL: Final = (25, 35)
#: Articles that are placed: as many as there are cells; placing takes longer the more there are.
_MOST: Final = 2500


#: Pixels of a packshot in a sheet of groups, space between groups, and width of the sheet.
_SHOT: Final = (75, 105)
_GAP: Final = 20
_WIDTH: Final = 1600


def draw_groups(
    groups: Iterable[NDArray[np.int64]], read: Callable[[int], Image], width: int = _WIDTH
) -> Image:
    """Draw the packshots of each group beside each other, as many groups in a row as fit.

    Args:
        groups: Rows of each group.
        read: Returns the packshot of a row.
        width: Of the sheet in pixels.

    Returns:
        The sheet in BGR.
    """
    most = (width + _GAP) // _SHOT[0]
    lines: list[list[Image]] = [[]]
    used = 0
    for group in groups:
        strip = np.hstack([_fit(read(int(row)), _SHOT) for row in group[:most]])
        if used and used + strip.shape[1] > width:
            lines.append([])
            used = 0
        lines[-1].append(strip)
        used += strip.shape[1] + _GAP
    sheet = np.full((len(lines) * (_SHOT[1] + _GAP) - _GAP, width, 3), 255, np.uint8)
    for number, line in enumerate(lines):
        top, left = number * (_SHOT[1] + _GAP), 0
        for strip in line:
            sheet[top : top + _SHOT[1], left : left + strip.shape[1]] = strip[:, : width - left]
            left += strip.shape[1] + _GAP
    return sheet


def draw_map(embeddings: NDArray[np.float32], read: Callable[[int], Image], seed: int = 0) -> Image:
    """Place articles by t-SNE and show, in each cell, the one nearest to its centre.

    Args:
        embeddings: float32 A×D, of A articles.
        read: Returns the packshot of a row.
        seed: Of the choice of articles in a large shop, and of the placing.

    Returns:
        The map in BGR, 1400×1600 px.
    """
    rows = np.random.default_rng(seed).permutation(len(embeddings))[:_MOST]
    places = _place(embeddings[rows], seed)
    columns, lines = _GRID
    grid = np.full((lines * _CELL[1], columns * _CELL[0], 3), 255, np.uint8)
    for (column, line), number in _fill(places).items():
        small = _fit(read(int(rows[number])), _CELL)
        top, left = line * _CELL[1], column * _CELL[0]
        grid[top : top + _CELL[1], left : left + _CELL[0]] = small
    return grid


def _place(embeddings: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """Place A articles in the unit square, A×2, evenly spread along each axis."""
    perplexity = min(30.0, max(1.0, (len(embeddings) - 1) / 3))
    placing = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    found = placing.fit_transform(embeddings)
    low, high = np.quantile(found, [0.005, 0.995], axis=0)
    return np.asarray(np.clip((found - low) / np.maximum(high - low, 1e-9), 0, 1 - 1e-9))


def _fill(places: NDArray[np.float64]) -> dict[tuple[int, int], int]:
    """Choose the article of each cell."""
    scaled = places * _GRID
    cells = scaled.astype(int)
    away = np.abs(scaled - cells - 0.5).max(1)
    order: Sequence[int] = np.argsort(-away).tolist()
    return {(int(cells[n, 0]), int(cells[n, 1])): n for n in order}  # the last one stays


def _fit(image: Image, size: tuple[int, int]) -> Image:
    """Scale a picture into a cell of so many pixels."""
    width, height = size
    scale = min(width / image.shape[1], height / image.shape[0])
    scaled = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(image, scaled, interpolation=cv2.INTER_AREA)
    cell = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - scaled[1]) // 2, (width - scaled[0]) // 2
    cell[top : top + scaled[1], left : left + scaled[0]] = small
    return cell
