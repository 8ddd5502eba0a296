"""Draw made-up garments, consistently: the demo's shop needs pictures nobody owns.

Every garment is drawn on a sheet from a few outline points of its right half, mirrored,
smoothed, filled with lit fabric and finished with its details (collar, placket,
pockets, seams). The result is a cut-out like one from a packshot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from common.image import Image
from models.simulation.cutout import Cutout
from models.simulation.fabric import Fabric
from models.training.scenes.drawn_accessories import draw_bag, draw_hat, draw_scarf, draw_shoes
from models.training.scenes.sheet import Design, Points, Sheet


def _sleeves(sheet: Sheet, length: float, shoulder: float, top: float, wide: float) -> None:
    """Sleeves hanging slightly out; `length` 0.15 is a tee's, 0.55 reaches the wrist."""
    reach, drop = 0.03 + 0.2 * length, length
    x, y = 0.5 + shoulder, top + 0.015
    sheet.both(
        [(x - 0.05, y), (x, y + 0.01), *[(x + reach + wide * 0.45, y + drop)] * 2,
         *[(x + reach - wide * 0.4, y + drop + 0.03)] * 2, (x - 0.04, y + 0.24)],
        tone=0.93,
    )  # fmt: skip


def _torso(hem: float, shoulder: float, chest: float, waist: float, flare: float,
           neck: float, top: float = 0.12) -> Points:  # fmt: skip
    return [
        (neck, top - 0.025),
        (shoulder, top + 0.02),
        (chest + 0.005, top + 0.16),
        (waist, top + 0.16 + (hem - top - 0.16) * 0.45),
        (flare, hem),
        (0, hem + 0.012),
    ]


def _neckline(sheet: Sheet, neck: float, depth: float, pointed: bool, top: float = 0.12) -> None:
    """Show the inside of the back, darker, framed by the neckline."""
    y = top - 0.025
    if pointed:
        sheet.piece([(0.5 - neck, y), (0.5 + neck, y), (0.5, y + depth)], False, 0.5)
        sheet.seam([(0.5 - neck, y), (0.5, y + depth), (0.5 + neck, y)], 0.008, 0.8)
        return
    arc = [(0.5 + neck * np.cos(a), y + depth * np.sin(a)) for a in np.linspace(0, np.pi, 15)]
    sheet.piece(arc, False, 0.5)
    sheet.seam(arc, 0.014, 0.84)


def _top(sheet: Sheet) -> None:
    cut = sheet.design.cut
    if cut == 2:  # camisole
        sheet.both([(0.64, 0.1), (0.655, 0.1), (0.665, 0.3), (0.645, 0.3)], False, 0.9)
        sheet.body([(0.0, 0.33), (0.13, 0.25), (0.2, 0.3), (0.19, 0.55), (0.22, 0.8), (0, 0.81)])
        return
    _sleeves(sheet, 0.2 if cut == 0 else 0.16, 0.235, 0.12, 0.19)
    sheet.body(_torso(0.82, 0.25, 0.225, 0.215, 0.225, 0.1))
    _neckline(sheet, 0.1, 0.075 if cut == 0 else 0.16, cut == 1)
    sheet.seam([(0.28, 0.79), (0.72, 0.79)], 0.003, 0.75)


def _collar(sheet: Sheet, spread: float = 0.1, length: float = 0.1) -> None:
    _neckline(sheet, 0.085, 0.06, pointed=False)
    sheet.both([(0.5, 0.155), (0.585, 0.078), (0.595 + spread * 0.3, 0.11),
                (0.53 + spread * 0.4, 0.13 + length)], False, 1.05)  # fmt: skip
    sheet.seam([(0.5, 0.155), (0.53 + spread * 0.4, 0.13 + length), (0.595 + spread * 0.3, 0.11)],
               0.003, 0.6, mirror=True)  # fmt: skip


def _shirt(sheet: Sheet) -> None:
    cut = sheet.design.cut
    _sleeves(sheet, 0.6 if cut != 1 else 0.25, 0.23, 0.12, 0.12 if cut != 1 else 0.17)
    sheet.body(_torso(0.9, 0.245, 0.225, 0.215, 0.235, 0.085))
    _collar(sheet)
    sheet.seam([(0.5, 0.17), (0.5, 0.91)], 0.003, 0.65)
    sheet.seam([(0.525, 0.19), (0.525, 0.91)], 0.002, 0.75)
    sheet.buttons(0.512, list(np.arange(0.23, 0.88, 0.11)))
    if cut == 2:
        sheet.seam([(0.58, 0.36), (0.68, 0.36), (0.68, 0.47), (0.63, 0.5), (0.58, 0.47),
                    (0.58, 0.36)], 0.003, 0.65)  # fmt: skip


def _sweater(sheet: Sheet) -> None:
    cut = sheet.design.cut
    _sleeves(sheet, 0.6, 0.24, 0.13, 0.15)
    sheet.body(_torso(0.84, 0.25, 0.245, 0.25, 0.24, 0.09))
    ribs = Fabric("knit", sheet.design.fabric.colour, scale=1.6)
    sheet.piece([(0.258, 0.79), (0.742, 0.79), (0.738, 0.86), (0.262, 0.86)], False, 0.9, ribs)
    if cut == 1:  # turtleneck
        sheet.piece([(0.41, 0.05), (0.59, 0.05), (0.605, 0.15), (0.395, 0.15)], False, 0.92, ribs)
    else:
        _neckline(sheet, 0.095, 0.06 if cut == 0 else 0.2, cut == 2)
    if cut == 2:  # cardigan
        sheet.seam([(0.5, 0.295), (0.5, 0.86)], 0.012, 0.72)
        sheet.buttons(0.5, list(np.arange(0.35, 0.84, 0.1)), 0.012)


def _jacket(sheet: Sheet, hem: float = 0.86) -> None:
    cut = sheet.design.cut
    _sleeves(sheet, 0.6, 0.245, 0.12, 0.15)
    sheet.body(_torso(hem, 0.265, 0.24, 0.225, 0.25, 0.1))
    opening = 0.36 if cut != 1 else 0.2
    inner = Fabric("plain", tuple(min(255, c + 50) for c in sheet.design.fabric.colour))  # type: ignore[arg-type]
    sheet.piece([(0.4, 0.095), (0.6, 0.095), (0.5, 0.12 + opening)], False, 0.55, inner)
    sheet.both([(0.6, 0.09), (0.625, 0.12), (0.68, 0.23), (0.62, 0.26), (0.5, 0.13 + opening)],
               False, 1.1)  # fmt: skip
    sheet.seam([(0.6, 0.09), (0.5, 0.13 + opening)], 0.004, 0.5, mirror=True)
    sheet.seam([(0.68, 0.23), (0.62, 0.26), (0.5, 0.13 + opening)], 0.004, 0.5, mirror=True)
    sheet.seam([(0.5, 0.13 + opening), (0.5, hem + 0.01)], 0.005, 0.5)
    pocket = hem - 0.2
    sheet.seam([(0.6, pocket), (0.7, pocket - 0.01)], 0.012, 0.7, mirror=True)
    if cut == 1:  # zipped, biker
        sheet.seam([(0.5, 0.33), (0.5, hem)], 0.007, colour=(170, 175, 180))
        sheet.seam([(0.62, 0.4), (0.69, 0.48)], 0.006, mirror=True, colour=(160, 165, 170))
    else:
        sheet.buttons(0.53, [0.15 + opening + d for d in (0.03, 0.14)], 0.014)
        if cut == 2:
            sheet.buttons(0.43, [0.15 + opening + d for d in (0.03, 0.14)], 0.014)


def _coat(sheet: Sheet) -> None:
    _jacket(sheet, 1.24)
    if sheet.design.cut == 2:  # belted
        sheet.piece([(0.27, 0.6), (0.73, 0.6), (0.73, 0.65), (0.27, 0.65)], False, 0.8)
        sheet.seam([(0.48, 0.59), (0.53, 0.59), (0.53, 0.66), (0.48, 0.66), (0.48, 0.59)],
                   0.008, 0.5)  # fmt: skip


def _dress(sheet: Sheet) -> None:
    cut = sheet.design.cut
    hem, flare = ((1.2, 0.36), (1.06, 0.3), (1.25, 0.22))[cut]
    if cut == 1:
        sheet.both([(0.6, 0.06), (0.625, 0.06), (0.66, 0.2), (0.62, 0.2)], False, 0.9)
        sheet.body(
            [(0.02, 0.24), (0.12, 0.17), (0.18, 0.22), (0.165, 0.45), (flare, hem), (0, hem)]
        )
        sheet.seam([(0.335, 0.46), (0.665, 0.46)], 0.006, 0.7)
        return
    _sleeves(sheet, 0.22 if cut == 0 else 0.55, 0.21, 0.1, 0.16 if cut == 0 else 0.12)
    sheet.body([(0.08, 0.075), (0.22, 0.12), (0.19, 0.28), (0.155, 0.46), (0.22, 0.62),
                (flare, hem), (0, hem + 0.015)])  # fmt: skip
    _neckline(sheet, 0.085, 0.13 if cut == 0 else 0.06, cut == 0, 0.1)
    if cut == 0:
        sheet.seam([(0.345, 0.46), (0.5, 0.475), (0.655, 0.46)], 0.012, 0.7)


def _skirt(sheet: Sheet) -> None:
    hem, flare = ((0.95, 0.4), (0.8, 0.24), (1.15, 0.3))[sheet.design.cut]
    sheet.body([(0.16, 0.12), (0.2, 0.28), (0.25, 0.5), (flare, hem), (0, hem + 0.02)])
    sheet.piece([(0.335, 0.1), (0.665, 0.1), (0.668, 0.16), (0.332, 0.16)], False, 0.85)
    if sheet.design.cut != 1:
        for k in (-2, -1, 0, 1, 2):  # pleats
            sheet.seam([(0.5 + 0.055 * k, 0.17), (0.5 + flare * 0.4 * k, hem)], 0.004, 0.8)
    else:
        sheet.seam([(0.5, 0.17), (0.5, hem)], 0.004, 0.65)


def _legs(sheet: Sheet, top: float, hem: float, wide: float, hip: float = 0.2) -> None:
    crotch = top + min(0.32, (hem - top) * 0.55)
    sheet.both([(0.5, top), (0.5 + hip * 0.8, top), (0.5 + hip, top + 0.16),
                (0.55 + wide, hem), (0.55 + wide * 0.02, hem + 0.01), (0.505, crotch),
                (0.5, crotch - 0.03)], smooth=False)  # fmt: skip
    sheet.seam([(0.5, top), (0.5, crotch)], 0.005, 0.6)


def _trousers(sheet: Sheet) -> None:
    cut = sheet.design.cut
    wide = (0.13, 0.24, 0.16)[cut]
    _legs(sheet, 0.1, 1.24 if cut != 2 else 1.12, wide)
    sheet.piece([(0.34, 0.085), (0.66, 0.085), (0.662, 0.14), (0.338, 0.14)], False, 0.85)
    sheet.seam([(0.64, 0.15), (0.675, 0.27)], 0.005, 0.6, mirror=True)
    if sheet.design.fabric.pattern == "denim":
        ochre = (80, 150, 205)
        sheet.seam([(0.335, 0.145), (0.665, 0.145)], 0.003, colour=ochre)
        sheet.seam([(0.58, 0.15), (0.6, 0.21), (0.685, 0.23)], 0.003, mirror=True, colour=ochre)
        sheet.seam([(0.52, 0.15), (0.53, 0.3), (0.502, 0.34)], 0.003, colour=ochre)
        sheet.buttons(0.5, [0.115], 0.011)
    else:
        sheet.seam([(0.59, 0.16), (0.6, 1.2)], 0.002, 0.75, mirror=True)


def _shorts(sheet: Sheet) -> None:
    _legs(sheet, 0.1, (0.52, 0.62, 0.46)[sheet.design.cut], (0.2, 0.22, 0.24)[sheet.design.cut])
    sheet.piece([(0.34, 0.085), (0.66, 0.085), (0.662, 0.15), (0.338, 0.15)], False, 0.85)
    sheet.seam([(0.63, 0.16), (0.68, 0.28)], 0.005, 0.6, mirror=True)
    sheet.buttons(0.5, [0.118], 0.011)


def _jumpsuit(sheet: Sheet) -> None:
    _legs(sheet, 0.5, 1.28, 0.18 if sheet.design.cut == 0 else 0.12, 0.19)
    if sheet.design.cut == 1:
        _sleeves(sheet, 0.5, 0.2, 0.08, 0.12)
    sheet.body([(0.07, 0.055), (0.2, 0.1), (0.18, 0.26), (0.155, 0.48), (0.16, 0.53), (0, 0.53)])
    _neckline(sheet, 0.08, 0.16, True, 0.08)
    sheet.piece([(0.343, 0.49), (0.657, 0.49), (0.659, 0.54), (0.341, 0.54)], False, 0.78)


_DRAW: Final[dict[str, Callable[[Sheet], None]]] = {
    "top": _top, "shirt": _shirt, "sweater": _sweater, "jacket": _jacket, "coat": _coat,
    "dress": _dress, "jumpsuit": _jumpsuit, "skirt": _skirt, "trousers": _trousers,
    "jeans": _trousers, "shorts": _shorts, "bag": draw_bag, "shoes": draw_shoes, "hat": draw_hat,
    "scarf": draw_scarf,
}  # fmt: skip


def draw_garment(design: Design, sku: str = "") -> Cutout:
    """Draw a garment.

    Args:
        design: What to draw; its category must be drawable (everything but `accessory`).
        sku: The article's id, kept in the cut-out.

    Returns:
        The garment without ground, about 900 pixels wide at most.
    """
    sheet = Sheet(design)
    _DRAW[design.category](sheet)
    return sheet.cutout(sku)


def packshot_of(cutout: Cutout, width: int = 600, height: int = 800) -> Image:
    """Photograph a cut-out for the catalogue: light ground, soft contact shadow.

    Returns:
        uint8 height×width×3 BGR.
    """
    scale = min(width * 0.8 / cutout.image.shape[1], height * 0.86 / cutout.image.shape[0])
    small = cv2.resize(cutout.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    y, x = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    fall = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    ground = np.array([240, 243, 245], np.float32) - fall * np.array([9, 8, 8], np.float32)
    canvas = np.repeat(ground, width, 1)
    shadow = np.zeros((height, width), np.float32)
    shadow[y + 8 : y + 8 + small.shape[0], x + 6 : x + 6 + small.shape[1]] = small[
        : height - y - 8, : width - x - 6, 3
    ]
    canvas *= 1 - 0.22 * (cv2.GaussianBlur(shadow, (0, 0), 9) / 255)[..., None]
    alpha = small[..., 3:].astype(np.float32) / 255
    spot = canvas[y : y + small.shape[0], x : x + small.shape[1]]
    spot[:] = small[..., :3] * alpha + spot * (1 - alpha)
    return np.clip(canvas, 0, 255).astype(np.uint8)
