"""Detect a moved or covered camera: compare its background with a reference image.

A reference holds no picture: keypoints with their binary descriptors (ORB, Rublee et al., ICCV
2011), and three numbers. It is taken of the background, the median of pictures without people,
behind the privacy masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.base import CameraError
from calibration.files import camera_path
from common.files import new_file
from common.image import Image

Problem = Literal["", "black", "covered", "blurred", "moved", "colour"]

#: Pictures are compared at this width, in pixels.
WIDTH: Final = 640
VERSION: Final = 1
_KEYPOINTS: Final = 800
#: Lowe's ratio of the nearest to the second nearest descriptor.
_RATIO: Final = 0.8
#: Keypoints that agree on one motion of the picture, for it to be believed.
_AGREE: Final = 12
#: Shift of the picture's corners, as share of its width, from which the camera has moved. A
#: camera of 70 degrees that turns by one degree shifts them by 0.015.
_SHIFT: Final = 0.01
#: Grey levels of 255.
_BLACK: Final = 12.0
#: Share of the reference's keypoints or contrast below which nothing is to be seen.
_COVERED: Final = 0.15
#: Share of the reference's sharpness.
_BLURRED: Final = 0.5
#: Distance in a*b* of the mean colour (CIE76): twice what lamps going on do.
_CAST: Final = 12.0


@dataclass(frozen=True)
class Reference:
    """A camera's background as it was calibrated.

    Attributes:
        points: float32 N×2, keypoints in pixels of a picture `WIDTH` wide.
        descriptors: uint8 N×32, ORB.
        height: Of that picture.
        contrast: Standard deviation of its grey levels.
        sharpness: Mean absolute Laplacian over contrast.
        tint: Mean a*b*.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    height: int
    contrast: float
    sharpness: float
    tint: tuple[float, float]


@dataclass(frozen=True)
class Drift:
    """The result of a drift check.

    Attributes:
        problem: The gravest, empty if none.
        shift: How far the picture's corners moved, as share of its width; NaN if not known.
        sharpness: As share of the reference's.
        tint: Distance of the mean colour in a*b*.
    """

    problem: Problem
    shift: float
    sharpness: float
    tint: float


def background(pictures: Sequence[Image]) -> Image:
    """Take the median of pictures of one size (H×W×3 BGR), `WIDTH` wide, without passers-by."""
    small = [_shrink(picture) for picture in pictures]
    return np.asarray(np.median(np.stack(small), axis=0), np.uint8)


def _shrink(picture: Image) -> Image:
    height = max(1, round(picture.shape[0] * WIDTH / picture.shape[1]))
    small = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def make_reference(picture: Image) -> Reference:
    """Compute the reference of a background, of any size.

    Raises:
        CameraError: There is too little in it to see later whether the camera has moved.
    """
    reference = _describe(picture)
    if len(reference.points) < 3 * _AGREE:
        raise CameraError(
            "the picture is too plain, dark or blurred to notice later whether the camera has "
            "moved; check light and focus, or let it see more of the room."
        )
    return reference


def _describe(picture: Image) -> Reference:
    small = _shrink(picture)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    # Masks are black to the last bit: their edges are ours, not the room's.
    seen = cv2.erode((small.max(axis=2) > 0).astype(np.uint8) * 255, np.ones((9, 9), np.uint8))
    found, descriptors = cv2.ORB.create(_KEYPOINTS, fastThreshold=8).detectAndCompute(grey, seen)
    inside = grey[seen > 0].astype(float) if (seen > 0).any() else np.zeros(1)
    laplacian = np.abs(cv2.Laplacian(grey, cv2.CV_64F))[seen > 0]
    contrast = float(inside.std())
    tint = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[seen > 0][:, 1:]
    a, b = tint.mean(0) if len(tint) else (0.0, 0.0)
    return Reference(
        np.array([point.pt for point in found], np.float32).reshape(-1, 2),
        np.zeros((0, 32), np.uint8) if descriptors is None else np.asarray(descriptors, np.uint8),
        small.shape[0],
        contrast,
        float(laplacian.mean() / max(contrast, 1.0)) if laplacian.size else 0.0,
        (float(a), float(b)),
    )


def _is_dark(small: Image) -> bool:
    """Check whether the unmasked part is black; masked pixels are 0 in every channel."""
    lit = small[small.max(axis=2) > 0]
    return not len(lit) or float(lit.mean()) < _BLACK


def compare(reference: Reference, picture: Image) -> Drift:
    """Compare a background with the reference; the picture may have another resolution."""
    now = _describe(picture)
    sharpness = now.sharpness / max(reference.sharpness, 1e-6)
    tint = float(np.hypot(*np.subtract(now.tint, reference.tint)))
    # A turn leaves the picture as sharp as it was, and a blurred one matches badly.
    blurred = sharpness < _BLURRED
    shift = _shift(reference, now)
    dark = _is_dark(_shrink(picture))
    empty = min(
        len(now.points) / max(1, len(reference.points)),
        now.contrast / max(reference.contrast, 1e-6),
    )
    problem: Problem = ""
    if dark:
        problem = "black"
    elif shift <= _SHIFT:
        problem = "blurred" if blurred else "colour" if tint > _CAST else ""
    elif np.isfinite(shift):
        problem = "moved"
    elif blurred and now.contrast > reference.contrast / 2:
        problem = "blurred"
    else:
        # Where nothing agrees, it looks elsewhere, unless there is nothing to be seen at all.
        problem = "covered" if empty < _COVERED or blurred else "moved"
    return Drift(problem, shift, sharpness, tint)


def _shift(reference: Reference, now: Reference) -> float:
    """Compute how far the corners moved; NaN where too few keypoints agree."""
    if len(now.points) < _AGREE or len(reference.points) < _AGREE:
        return float("nan")
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(reference.descriptors, now.descriptors, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < _RATIO * p[1].distance]
    if len(good) < _AGREE:
        return float("nan")
    before = reference.points[[m.queryIdx for m in good]]
    after = now.points[[m.trainIdx for m in good]]
    motion, agree = cv2.estimateAffinePartial2D(
        before, after, method=cv2.RANSAC, ransacReprojThreshold=3.0
    )
    if motion is None or int(agree.sum()) < _AGREE:
        return float("nan")
    right, bottom = float(WIDTH), float(reference.height)
    corners = np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]])
    moved = corners @ np.asarray(motion, float).T
    return float(np.linalg.norm(moved - corners[:, :2], axis=1).max() / WIDTH)


def reference_path(site: Path, name: str) -> Path:
    """Return where a camera's reference lies."""
    return camera_path(site, name).with_suffix(".reference.npz")


def save_reference(site: Path, name: str, reference: Reference) -> Path:
    """Write a camera's reference whole or not at all.

    Raises:
        CameraError: The site cannot be written.
    """
    path = reference_path(site, name)
    try:
        with new_file(path) as fresh, fresh.open("wb") as file:
            np.savez_compressed(
                file,
                version=VERSION,
                points=reference.points,
                descriptors=reference.descriptors,
                size=reference.height,
                figures=[reference.contrast, reference.sharpness, *reference.tint],
            )
    except OSError as error:
        raise CameraError(f"{path}: cannot be written ({error.strerror}).") from error
    return path


def load_reference(site: Path, name: str) -> Reference | None:
    """Read a camera's reference; None if none was taken.

    Raises:
        CameraError: The file is damaged or of a newer version.
    """
    path = reference_path(site, name)
    if not path.is_file():
        return None
    try:
        # Opened here: numpy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            if int(data["version"]) > VERSION:
                raise CameraError(f"{path}: written by a newer fittingroom.")
            contrast, sharpness, a, b = (float(value) for value in data["figures"])
            points = data["points"].astype(np.float32)
            descriptors = data["descriptors"].astype(np.uint8)
            height = int(data["size"])
    except CameraError:
        raise
    except Exception as error:  # whatever numpy, zip or a hand at work make of it
        raise CameraError(
            f"{path}: damaged; delete it, and a new reference is taken at the next start."
        ) from error
    return Reference(points, descriptors, height, contrast, sharpness, (a, b))


@dataclass(frozen=True)
class ReferenceFile:
    """The file of one camera's reference, as a running camera reads and writes it."""

    site: Path
    camera: str

    def stamp(self) -> float:
        """Return when the file was written, seconds since the epoch; 0 where there is none."""
        path = reference_path(self.site, self.camera)
        return path.stat().st_mtime if path.is_file() else 0.0

    def load(self) -> Reference | None:
        """Load the reference; see `load_reference`."""
        return load_reference(self.site, self.camera)

    def save(self, reference: Reference) -> None:
        """Save a reference; see `save_reference`."""
        save_reference(self.site, self.camera, reference)
