"""Draw what goes with the garments of `drawn`: bags, shoes, hats and scarves."""

from __future__ import annotations

import numpy as np

from models.simulation.fabric import Fabric
from models.training.scenes.sheet import Sheet


def draw_bag(sheet: Sheet) -> None:
    """Draw a bag on a sheet."""
    low = 0.42 if sheet.design.cut == 1 else 0.36
    arch = [(0.5 + 0.2 * np.cos(a), low - (0.26 if sheet.design.cut == 0 else 0.34) * np.sin(a))
            for a in np.linspace(0, np.pi, 25)]  # fmt: skip
    inner = [(0.5 + (x - 0.5) * 0.84, low - (low - y) * 0.9) for x, y in arch]
    sheet.piece([*arch, *inner[::-1]], False, 0.8)
    sheet.piece([(0.2, low), (0.8, low), (0.86, 0.86), (0.84, 0.9), (0.16, 0.9), (0.14, 0.86)],
                smooth=False)  # fmt: skip
    sheet.seam([(0.17, 0.6), (0.83, 0.6)], 0.006, 0.65)
    sheet.seam([(0.46, 0.56), (0.54, 0.56), (0.54, 0.66), (0.46, 0.66), (0.46, 0.56)], 0.012,
               colour=(110, 180, 205))  # fmt: skip


def draw_shoes(sheet: Sheet) -> None:
    """Draw a pair of shoes on a sheet."""
    sole = Fabric("plain", (225, 228, 232) if sheet.design.cut == 0 else (50, 55, 60))
    tall = 0.36 if sheet.design.cut == 2 else 0.14
    for dx, dy, tone in ((0.06, -0.09, 0.85), (0.0, 0.0, 1.0)):
        sheet.piece([(0.13 + dx, 0.62 - tall + dy), (0.33 + dx, 0.62 - tall + dy),
                     (0.38 + dx, 0.62 + dy), (0.66 + dx, 0.69 + dy), (0.82 + dx, 0.76 + dy),
                     (0.86 + dx, 0.84 + dy), (0.12 + dx, 0.84 + dy)], tone=tone)  # fmt: skip
        sheet.piece([(0.11 + dx, 0.82 + dy), (0.87 + dx, 0.82 + dy), (0.85 + dx, 0.88 + dy),
                     (0.12 + dx, 0.88 + dy)], False, tone, sole)  # fmt: skip
        for k in range(4):
            sheet.seam(
                [
                    (0.4 + 0.06 * k + dx, 0.64 + 0.018 * k + dy),
                    (0.45 + 0.06 * k + dx, 0.7 + 0.012 * k + dy),
                ],
                0.009,
                colour=(240, 240, 240) if sheet.design.cut == 0 else (30, 30, 30),
            )


def draw_hat(sheet: Sheet) -> None:
    """Draw a hat on a sheet."""
    if sheet.design.cut == 0:  # beanie
        sheet.piece(
            [(0.24, 0.66), (0.26, 0.4), (0.4, 0.24), (0.6, 0.24), (0.74, 0.4), (0.76, 0.66)]
        )
        sheet.piece([(0.22, 0.6), (0.78, 0.6), (0.78, 0.75), (0.22, 0.75)], False, 0.9)
        return
    sheet.piece([(0.08, 0.7), (0.3, 0.63), (0.7, 0.63), (0.92, 0.7), (0.7, 0.79), (0.3, 0.79)])
    sheet.piece([(0.28, 0.7), (0.31, 0.42), (0.42, 0.36), (0.58, 0.36), (0.69, 0.42), (0.72, 0.7)])
    sheet.piece([(0.285, 0.61), (0.715, 0.61), (0.722, 0.69), (0.278, 0.69)], False, 0.5)


def draw_scarf(sheet: Sheet) -> None:
    """Draw a scarf on a sheet."""
    sheet.piece([(0.28, 0.3), (0.38, 0.12), (0.62, 0.12), (0.72, 0.3), (0.6, 0.42), (0.4, 0.42)])
    sheet.piece([(0.52, 0.34), (0.68, 0.34), (0.74, 1.08), (0.56, 1.1)], False, 0.95)
    sheet.piece([(0.36, 0.34), (0.52, 0.34), (0.48, 0.95), (0.3, 0.93)], False, 0.88)
    for k in range(7):
        x = 0.565 + k * 0.026
        sheet.piece(
            [(x, 1.08), (x + 0.012, 1.08), (x + 0.014, 1.16), (x - 0.002, 1.16)], False, 0.9
        )
