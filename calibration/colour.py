"""Colour correction: from the camera's colours to those of the catalogue.

A 3×3 matrix in linear light, from a chart of known colours or from a white sheet. The chart is the
24-patch Macbeth chart (reference values as OpenCV has them); the matrix is found by
`cv2.ccm.ColorCorrectionModel`, which minimises CIEDE2000.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from calibration.base import CameraError, Strict
from common.image import Image

Floats = NDArray[np.float64]

#: Linear light is the picture's value to this power.
_GAMMA: Final = 2.2
PATCHES: Final = (6, 4)
#: Part of a patch, from its middle, that is looked at.
_INNER: Final = 0.4
#: A correction that leaves colours this far off is refused (median CIEDE2000).
_MOST_ERROR: Final = 6.0
#: A sheet is white if its channels lie between these grey levels, and even.
_SHEET: Final = (60.0, 250.0)
_MOST_UNEVEN: Final = 0.12
#: sRGB of the 24 patches of a Macbeth chart, row by row (X-Rite, 2009, D50 adapted to D65).
MACBETH: Final = np.array(
    [
        [115, 82, 68], [194, 150, 130], [98, 122, 157], [87, 108, 67], [133, 128, 177],
        [103, 189, 170], [214, 126, 44], [80, 91, 166], [193, 90, 99], [94, 60, 108],
        [157, 188, 64], [224, 163, 46], [56, 61, 150], [70, 148, 73], [175, 54, 60],
        [231, 199, 31], [187, 86, 149], [8, 133, 161], [243, 243, 242], [200, 200, 200],
        [160, 160, 160], [122, 122, 121], [85, 85, 85], [52, 52, 52],
    ],
    float,
)  # fmt: skip


class Colour(Strict):
    """A camera's colour correction.

    Attributes:
        matrix: 3×3, row by row, on linear RGB.
        error_before, error_after: Median CIEDE2000 of the chart's patches; of a sheet, its own.
        by: What it was made from.
        date: ISO date.
    """

    matrix: Annotated[tuple[float, ...], Field(min_length=9, max_length=9)]
    error_before: float
    error_after: float
    by: Literal["chart", "sheet"]
    date: str

    def correct(self, image: Image) -> Image:
        """Correct a picture, uint8 H×W×3 BGR."""
        if not image.size:
            return image
        linear = cv2.LUT(image, _TO_LINEAR)
        bgr = np.array(self.matrix, np.float32).reshape(3, 3)[::-1, ::-1]
        mapped = cv2.transform(linear, np.ascontiguousarray(bgr))
        steps = np.clip(mapped * (len(_FROM_LINEAR) - 1), 0, len(_FROM_LINEAR) - 1)
        return np.asarray(_FROM_LINEAR[steps.astype(np.uint16)], np.uint8)


_TO_LINEAR: Final = ((np.arange(256) / 255) ** _GAMMA).astype(np.float32)
_FROM_LINEAR: Final = np.round((np.arange(4096) / 4095) ** (1 / _GAMMA) * 255).astype(np.uint8)


def read_chart(image: Image, corners: Sequence[tuple[float, float]] | None = None) -> Floats:
    """Read a chart's patches.

    Args:
        image: uint8 H×W×3 BGR.
        corners: Where the chart's four corners are, relative: at the dark brown patch, then
            clockwise, seen from its front. Without them the chart is looked for.

    Returns:
        float64 24×3, mean RGB of the patches, row by row.

    Raises:
        CameraError: No chart is found, or its patches are too small.
    """
    if corners is not None:
        return _patches(image, np.array(corners, float) * image.shape[1::-1])
    finder = cv2.mcc.CCheckerDetector.create()
    finder.setColorChartType(cv2.mcc.MCC24)
    if not finder.process(image, 1):
        raise CameraError(
            "no colour chart found; hold it flat to the camera so that it fills a quarter of the "
            "picture, or mark its four corners."
        )
    box = np.asarray(finder.getBestColorChecker().getBox(), float)
    # It may hang any way round: the white patch shows which.
    turns = [_patches(image, np.roll(box, turn, 0)) for turn in (0, 2)]
    return min(turns, key=lambda seen: -seen[18].sum() + seen[23].sum())


def _patches(image: Image, corners: Floats) -> Floats:
    columns, rows = PATCHES
    cell = 40
    target = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) * cell
    sides = np.linalg.norm(corners - np.roll(corners, -1, 0), axis=1)
    if min(sides[0] / columns, sides[1] / rows) < 6:
        raise CameraError("the colour chart is too small in the picture; hold it nearer.")
    flat = cv2.warpPerspective(
        image,
        cv2.getPerspectiveTransform(corners.astype(np.float32), target),
        (columns * cell, rows * cell),
        flags=cv2.INTER_AREA,
    )
    cells = flat.reshape(rows, cell, columns, cell, 3).transpose(0, 2, 1, 3, 4)
    edge = round(cell * (1 - _INNER) / 2)
    inner = cells[:, :, edge:-edge, edge:-edge].reshape(rows * columns, -1, 3)
    return np.asarray(np.median(inner, axis=1)[:, ::-1], float)


def solve_chart(seen: Floats, date: str, reference: Floats = MACBETH) -> Colour:
    """Fit the correction of a chart's patches to their reference colours.

    Args:
        seen: float64 N×3 RGB 0…255, as `read_chart` gives them.
        date: ISO date.
        reference: float64 N×3 RGB, what they should be.

    Raises:
        CameraError: The patches do not look like the chart's, or are over- or underexposed.
    """
    if (seen[18] > 252).any():
        raise CameraError("the chart's white patch is overexposed; shade it or lower the exposure.")
    before = float(np.median(difference(seen, reference)))
    model = cv2.ccm.ColorCorrectionModel(
        (seen / 255).reshape(-1, 1, 3),
        (reference / 255).reshape(-1, 1, 3),
        cv2.ccm.COLOR_SPACE_SRGB,
    )
    model.setCcmType(cv2.ccm.CCM_LINEAR)
    model.setLinearization(cv2.ccm.LINEARIZATION_GAMMA)
    model.setLinearizationGamma(_GAMMA)
    model.setDistance(cv2.ccm.DISTANCE_CIE2000)
    matrix = np.asarray(model.compute(), float).T
    colour = _colour(matrix, seen, reference, before, "chart", date)
    if colour.error_after > min(_MOST_ERROR, before + 0.5):
        raise CameraError(
            f"no correction fits this chart (ΔE {colour.error_after:.1f}); check that it is a "
            "24-patch chart in even light, and that its corners are marked in order."
        )
    return colour


def solve_sheet(image: Image, box: tuple[float, float, float, float], date: str) -> Colour:
    """Balance white on a sheet of paper.

    Args:
        image: uint8 H×W×3 BGR.
        box: Where the sheet is: left, top, right, bottom, relative.
        date: ISO date.

    Raises:
        CameraError: What is there is no evenly lit white sheet.
    """
    height, width = image.shape[:2]
    left, top, right, bottom = np.array(box) * [width, height, width, height]
    part = image[round(top) : round(bottom), round(left) : round(right), ::-1]
    if min(part.shape[:2]) < 8:
        raise CameraError("the part marked as sheet is too small.")
    mean = np.median(part.reshape(-1, 3), axis=0).astype(float)
    if mean.min() < _SHEET[0] or mean.max() > _SHEET[1]:
        raise CameraError("the sheet is too dark or overexposed; change the light or exposure.")
    uneven = float((part.mean(axis=2).std()) / mean.mean())
    if uneven > _MOST_UNEVEN or mean.max() > 1.8 * mean.min():
        raise CameraError("this is no evenly lit white sheet; mark a part that is all paper.")
    linear = (mean / 255) ** _GAMMA
    # Green carries most of the light and is left as it is.
    matrix = np.diag(linear[1] / linear)
    grey = np.full((1, 3), float(mean[1]))
    before = float(difference(mean[None], grey)[0])
    return _colour(matrix, mean[None], grey, before, "sheet", date)


def _colour(
    matrix: Floats,
    seen: Floats,
    reference: Floats,
    before: float,
    by: Literal["chart", "sheet"],
    date: str,
) -> Colour:
    numbers = tuple(float(n) for n in matrix.ravel())
    colour = Colour(matrix=numbers, error_before=before, error_after=0.0, by=by, date=date)
    patches = np.clip(np.round(seen), 0, 255).astype(np.uint8)[None, :, ::-1]
    corrected = colour.correct(np.ascontiguousarray(patches))[0, :, ::-1].astype(float)
    after = float(np.median(difference(corrected, reference)))
    return colour.model_copy(update={"error_after": after})


def difference(one: Floats, other: Floats) -> Floats:
    """Return CIEDE2000 between colours, N×3 sRGB 0…255 each (Sharma et al. 2005)."""
    from coloraide import Color  # takes a while to import

    first, second = (
        cv2.cvtColor((np.asarray(c, np.float32) / 255)[None], cv2.COLOR_RGB2LAB)[0].tolist()
        for c in (one, other)
    )
    # OpenCV's Lab is of illuminant D65.
    pairs = zip(first, second, strict=True)
    return np.array(
        [Color("lab-d65", a).delta_e(Color("lab-d65", b), method="2000") for a, b in pairs]
    )
