"""The drawn entrance of a fitting area that the demo's clips are filmed in."""

from __future__ import annotations

import cv2
import numpy as np

from common.image import Image
from models.simulation.drape import smooth_noise
from models.training.scenes.walks import GATE_X, SIZE


def draw_entrance(seed: int = 3) -> Image:
    """Draw plank floor, wall, a rack, and the curtain behind the gate.

    Returns:
        uint8 540×960×3 BGR.
    """
    rng = np.random.default_rng(seed)
    width, height = SIZE
    line = int(height * 0.5)
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:line] = (206, 214, 219)
    canvas[line:] = _planks(height - line, width, rng)
    canvas[line - 12 : line] = (232, 236, 238)
    canvas[line - 14 : line - 12] = (150, 158, 164)
    _picture(canvas, (0.1, 0.1), (0.2, 0.36))
    _plant(canvas, int(width * 0.3), line + 26, rng)
    gate = int(width * GATE_X)
    canvas[:line, gate + 40 :] = _curtain(line, width - gate - 40, rng)
    canvas[: line + 4, gate + 26 : gate + 40] = (120, 132, 142)
    canvas[20:30, gate + 20 :] = (90, 98, 106)
    glow = smooth_noise(rng, width, 1.4)[None] + smooth_noise(rng, height, 1.0)[:, None]
    canvas *= (1 + 0.06 * glow)[..., None]
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _planks(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    texture = np.empty((400, 400, 3), np.float32)
    tones = rng.normal(1, 0.06, 20)
    texture[:] = np.array([112, 148, 182]) * tones[np.arange(400) // 20][None, :, None]
    grain = cv2.GaussianBlur(rng.standard_normal((400, 400), np.float32), (0, 0), 1, sigmaY=14)
    texture += grain[..., None] * 26
    texture[:, ::20] *= 0.72
    source = np.array([[0, 0], [400, 0], [400, 400], [0, 400]], np.float32)
    target = np.array(
        [[width * 0.1, 0], [width * 0.9, 0], [width * 1.9, height], [-width * 0.9, height]],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(source, target)
    return np.asarray(
        cv2.warpPerspective(texture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    )


def _picture(canvas: np.ndarray, start: tuple[float, float], end: tuple[float, float]) -> None:
    height, width = canvas.shape[:2]
    a = (int(start[0] * width), int(start[1] * height))
    b = (int(end[0] * width), int(end[1] * height))
    cv2.rectangle(canvas, a, b, (70, 78, 86), -1)
    cv2.rectangle(canvas, (a[0] + 6, a[1] + 6), (b[0] - 6, b[1] - 6), (226, 230, 232), -1)
    middle = ((a[0] + b[0]) // 2, (a[1] + b[1]) // 2)
    cv2.circle(canvas, middle, 22, (120, 150, 190), -1, cv2.LINE_AA)
    cv2.ellipse(
        canvas, (middle[0], middle[1] + 34), (30, 16), 0, 180, 360, (110, 130, 100), -1, cv2.LINE_AA
    )


def _plant(canvas: np.ndarray, x: int, y: int, rng: np.random.Generator) -> None:
    for _ in range(26):
        angle = rng.uniform(-1.1, 1.1)
        tip = (x + int(np.sin(angle) * 62), y - 60 - int(np.cos(angle) * rng.uniform(40, 95)))
        tone = rng.uniform(0.7, 1.15)
        cv2.line(canvas, (x, y - 46), tip, (70 * tone, 112 * tone, 80 * tone), 7, cv2.LINE_AA)
    pot = np.array([[x - 28, y - 50], [x + 28, y - 50], [x + 21, y], [x - 21, y]])
    cv2.fillPoly(canvas, [pot], (196, 202, 206), cv2.LINE_AA)


def _curtain(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    waves = np.sin(np.arange(width) / 11 + smooth_noise(rng, width, 8) * 1.6)
    cloth = np.array([92, 96, 62], np.float32) * (1 + 0.22 * waves)[None, :, None]
    fall = np.linspace(1.08, 0.86, height, dtype=np.float32)[:, None, None]
    return np.asarray(cloth * fall, np.float32)
