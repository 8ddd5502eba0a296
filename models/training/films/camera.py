"""The camera of a film: where it hangs, what it sees, and how its lens distorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Picture size in pixels and frames a second of every film.
SIZE: Final = (768, 432)
RATE: Final = 8


@dataclass(frozen=True)
class FilmCamera:
    """A camera with the first radial term of Brown's model.

    Attributes:
        location: (x, y, z) metres.
        target: The point in the middle of the picture.
        view: Horizontal angle of view without distortion, degrees.
        barrel: Radial coefficient over half the picture's width; above 0 is a barrel.
        inside: Where the rooms are in the picture: `left`, `right`, `up` or `down`.
        size: Width and height in pixels.
    """

    location: tuple[float, float, float]
    target: tuple[float, float, float]
    view: float
    barrel: float
    inside: str
    size: tuple[int, int] = SIZE

    @property
    def axes(self) -> Floats:
        """Right, up and backward of the camera in the world, as columns (3, 3)."""
        back = np.subtract(self.location, self.target, dtype=float)
        back /= np.linalg.norm(back)
        right = np.cross([0, 0, 1.0], back)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(back, right), back], 1)

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return float(self.size[0] / 2 / np.tan(np.radians(self.view) / 2))

    @property
    def widening(self) -> float:
        """How much wider an undistorted picture must be to hold what the lens sees."""
        width, height = self.size
        corner = np.array([[width / 2, height / 2]])
        return float(np.max(self._straight(corner) / corner))

    @property
    def render_view(self) -> float:
        """Horizontal angle of view of the undistorted picture, degrees."""
        half = np.tan(np.radians(self.view) / 2) * self.widening
        return float(np.degrees(2 * np.arctan(half)))

    def _bent(self, offsets: Floats) -> Floats:
        """Distort (N, 2) pixels from the middle of the picture."""
        radius = (offsets**2).sum(1, keepdims=True) / (self.size[0] / 2) ** 2
        return np.asarray(offsets / (1 + self.barrel * radius))

    def _straight(self, offsets: Floats) -> Floats:
        """Undo `_bent` by fixed-point iteration."""
        found = offsets.astype(float)
        for _ in range(30):
            radius = (found**2).sum(1, keepdims=True) / (self.size[0] / 2) ** 2
            found = offsets * (1 + self.barrel * radius)
        return found

    def project(self, points: Floats, distorted: bool = True) -> tuple[Floats, Floats]:
        """Project (N, 3) metres.

        Returns:
            (N, 2) pixels, in the distorted picture or in the rendered one, and (N,) depths in
            metres, which are negative behind the camera.
        """
        local = (points - np.array(self.location)) @ self.axes
        depth = -local[:, 2]
        safe = np.maximum(depth, 0.05)[:, None]
        offsets = self.focal * local[:, :2] * [1, -1] / safe
        offsets = self._bent(offsets) if distorted else offsets / self.widening
        return offsets + np.array(self.size) / 2, depth

    def lens_maps(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return where each pixel of the picture looks in the rendered one, x and y in pixels."""
        width, height = self.size
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        offsets = np.stack([x.ravel() - width / 2, y.ravel() - height / 2], 1)
        straight = self._straight(offsets) / self.widening + [width / 2 - 0.5, height / 2 - 0.5]
        maps = straight.astype(np.float32).reshape(height, width, 2)
        return np.ascontiguousarray(maps[..., 0]), np.ascontiguousarray(maps[..., 1])


#: Cameras from eye level to the ceiling's corner; all see the opening at x = `room.GATE_X`.
CAMERAS: Final = {
    "corner": FilmCamera((-2.9, -2.7, 2.72), (1.9, 0.15, 0.75), 66, 0.10, "right"),
    "above": FilmCamera((-1.2, 0.25, 2.75), (2.7, 0.1, 0.35), 78, 0.16, "up"),
    "eye level": FilmCamera((-2.0, -2.7, 1.65), (2.05, 0.15, 0.95), 60, 0.06, "right"),
    "corridor": FilmCamera((5.2, 0.9, 2.7), (2.3, -0.05, 0.35), 84, 0.14, "left"),
}
