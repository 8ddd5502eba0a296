"""A camera whose lens, place, colours and floor are known to the last digit."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from calibration.board import MARKER_M, SQUARE_M, board_picture, marker_picture

Floats = np.ndarray
_CELL = 60
_FINE = 2


@dataclass
class Sheet:
    """A flat picture in the world: where its top left corner is, its axes, metres a pixel."""

    picture: Floats
    origin: Floats
    right: Floats
    down: Floats
    metres_per_pixel: float


@dataclass
class SimulatedCamera:
    """A pinhole camera with Brown-Conrady distortion; world z is up, metres."""

    width: int = 1280
    height: int = 720
    focal_px: float = 820.0
    centre_px: tuple[float, float] = (655.0, 349.0)
    distortion: tuple[float, float, float, float] = (-0.28, 0.09, 0.0006, -0.0004)
    position: Floats = field(default_factory=lambda: np.array([0.0, -3.2, 2.6]))
    target: Floats = field(default_factory=lambda: np.array([0.0, 0.4, 0.4]))

    @property
    def matrix(self) -> Floats:
        cx, cy = self.centre_px
        return np.array([[self.focal_px, 0, cx], [0, self.focal_px, cy], [0, 0, 1.0]])

    @property
    def turn(self) -> Floats:
        """World to camera: rows are the camera's right, down and forward."""
        ahead = (self.target - self.position) / np.linalg.norm(self.target - self.position)
        right = np.cross(ahead, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(ahead, right), ahead])

    def project(self, world: Floats) -> Floats:
        """Show points of the world (N×3) in the picture; N×2, relative."""
        turn = self.turn
        shift = -turn @ self.position
        points, _ = cv2.projectPoints(
            np.asarray(world, float), cv2.Rodrigues(turn)[0], shift, self.matrix,
            np.array(self.distortion),
        )  # fmt: skip
        return (points.reshape(-1, 2) + 0.5) / [self.width, self.height]

    @property
    def rays(self) -> Floats:
        """Where each pixel looks, in the camera's frame; four to a pixel of the picture."""
        matrix = tuple(self.matrix.flatten().tolist())
        return _rays(self.width, self.height, matrix, self.distortion)

    def show(self, sheets: list[Sheet], ground: int = 120) -> Floats:
        """Film sheets before an even ground; uint8 H×W×3."""
        shape = (self.height * _FINE, self.width * _FINE)
        picture = np.full((*shape, 3), ground, np.uint8)
        nearest = np.full(shape, np.inf, np.float32)
        for sheet in sheets:
            window = self._window(sheet)
            depth, u, v = self._meet(sheet, window)
            if not depth.size:  # beside the picture
                continue
            rows, columns = sheet.picture.shape[:2]
            inside = (depth > 0.05) & (depth < nearest[window])
            inside &= (u > -0.5) & (v > -0.5) & (u < columns - 0.5) & (v < rows - 0.5)
            seen = cv2.remap(sheet.picture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            np.copyto(picture[window], seen.reshape(*u.shape, -1), where=inside[..., None])
            np.copyto(nearest[window], depth, where=inside)
        return cv2.resize(picture, (self.width, self.height), interpolation=cv2.INTER_AREA)

    def _window(self, sheet: Sheet) -> tuple[slice, slice]:
        """Find rows and columns that a sheet is in; all of them where it reaches behind us."""
        rows, columns = (n * sheet.metres_per_pixel for n in sheet.picture.shape[:2])
        along = np.linspace(0, 1, 9)
        edges = [(a, b) for a in along for b in along if {a, b} & {0.0, 1.0}]
        border = np.array([
            sheet.origin + a * columns * sheet.right + b * rows * sheet.down for a, b in edges
        ])  # fmt: skip
        if ((border - self.position) @ self.turn[2]).min() < 0.05:
            return slice(None), slice(None)
        size = np.array([self.width, self.height]) * _FINE
        seen = self.project(border) * size
        low, high = (seen.min(0) - 20).clip(0, size), (seen.max(0) + 20).clip(0, size)
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))

    def _meet(self, sheet: Sheet, window: tuple[slice, slice]) -> tuple[Floats, Floats, Floats]:
        """Find where each ray meets a sheet's plane: how far away, at which pixel of the sheet."""
        normal = np.cross(sheet.right, sheet.down)
        axes = self.turn @ np.stack([normal, sheet.right, sheet.down], 1)
        rays = self.rays.reshape(self.height * _FINE, self.width * _FINE, 3)[window]
        facing, right, down = np.ascontiguousarray(
            (rays @ axes.astype(np.float32)).transpose(2, 0, 1)
        )
        start = self.position - sheet.origin
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = np.float32(-(normal @ start)) / facing
        scale = sheet.metres_per_pixel
        return (
            depth,
            depth * right / np.float32(scale) + np.float32(sheet.right @ start / scale - 0.5),
            depth * down / np.float32(scale) + np.float32(sheet.down @ start / scale - 0.5),
        )


@cache
def _rays(
    width: int, height: int, matrix: tuple[float, ...], distortion: tuple[float, ...]
) -> Floats:
    y, x = np.mgrid[0 : height * _FINE, 0 : width * _FINE]
    pixels = np.stack([x, y], -1).reshape(-1, 1, 2).astype(float)
    rays = cv2.undistortPoints(
        (pixels + 0.5) / _FINE - 0.5, np.reshape(matrix, (3, 3)), np.array(distortion), None, None,
        None, (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 40, 1e-9),
    ).reshape(-1, 2)  # fmt: skip
    return np.hstack([rays, np.ones((len(rays), 1))]).astype(np.float32)


def board_sheet(middle: Floats, right: Floats, down: Floats) -> Sheet:
    """Put the printed board, with its white margin, into the world."""
    board = cv2.copyMakeBorder(
        board_picture(_CELL), _CELL, _CELL, _CELL, _CELL, cv2.BORDER_CONSTANT, value=255
    )
    board = cv2.cvtColor(board, cv2.COLOR_GRAY2BGR)
    right, down = right / np.linalg.norm(right), down / np.linalg.norm(down)
    scale = SQUARE_M / _CELL
    size = np.array(board.shape[1::-1]) * scale
    return Sheet(board, middle - right * size[0] / 2 - down * size[1] / 2, right, down, scale)


def held_board(camera: SimulatedCamera, x: float, y: float, depth: float, tilt: Floats) -> Sheet:
    """Hold the board before the camera: where in the picture (relative), how far, how tilted."""
    turn = camera.turn
    ray = np.array([
        (x * camera.width - camera.centre_px[0]) / camera.focal_px,
        (y * camera.height - camera.centre_px[1]) / camera.focal_px, 1.0])  # fmt: skip
    axes = turn.T @ cv2.Rodrigues(np.asarray(tilt, float))[0]
    return board_sheet(camera.position + turn.T @ ray * depth, axes[:, 0], axes[:, 1])


def lens_views(camera: SimulatedCamera, count: int = 14, seed: int = 3) -> list[Floats]:
    """Film the board in many places of the picture, tilted every way."""
    rng = np.random.default_rng(seed)
    shown = []
    for n in range(count):
        x = 0.2 + 0.6 * (n % 4) / 3
        y = 0.25 + 0.5 * (n // 4 % 3) / 2
        tilt = rng.uniform(-0.6, 0.6, 3) * [1, 1, 2]
        sheet = held_board(camera, x, y, rng.uniform(0.4, 0.55), tilt)
        shown.append(camera.show([sheet]))
    return shown


def floor_sheet(x: float, y: float, angle: float) -> Sheet:
    """Lay the floor sheet on the floor, face up."""
    marker = marker_picture(6 * _CELL)
    page = cv2.copyMakeBorder(marker, _CELL, _CELL, _CELL, _CELL, cv2.BORDER_CONSTANT, value=255)
    cos, sin = np.cos(angle), np.sin(angle)
    right, down = np.array([cos, sin, 0.0]), np.array([sin, -cos, 0.0])
    scale = MARKER_M / marker.shape[0]
    middle = np.array([x, y, 0.0])
    half = page.shape[0] * scale / 2
    page = cv2.cvtColor(page, cv2.COLOR_GRAY2BGR)
    return Sheet(page, middle - (right + down) * half, right, down, scale)
