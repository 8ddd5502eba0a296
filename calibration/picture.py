"""Picture quality: sharpness, exposure, flicker, frame rate, height of a person."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.areas import Mask
from calibration.base import Strict
from common.image import Image

#: Width and height, pixels.
_LEAST_SIZE: Final = (640, 360)
_LEAST_RATE: Final = 8.0
#: Share of the time spent looking from which the computer is the bottleneck.
_BUSY: Final = 0.8
#: Fine detail over coarse where the picture has most of it: 0.85 to 1 for sharp pictures, 0.6
#: and less for those blurred by two pixels of 640.
_LEAST_SHARPNESS: Final = 0.65
#: Mean grey level of 255.
_BRIGHTNESS: Final = (45.0, 205.0)
#: Share of pixels that are burnt out or lost in the dark.
_MOST_CLIPPED: Final = 0.2
#: Grey levels by which rows, or the whole picture, waver from frame to frame.
_MOST_FLICKER: Final = 2.5
#: Of a person who stands at the gate, as share of the picture's height, and in pixels.
_PERSON: Final = (0.25, 0.9)
_LEAST_PERSON_PX: Final = 110
#: Frames that are judged together, at this width.
_WIDTH: Final = 640
_STRIPS: Final = 8
#: Of a mask's edge, which scaling and blurring spread.
_EDGE_PX: Final = 25
#: Share of a strip that is not masked, from which its wavering counts.
_MOSTLY: Final = 0.5


class Picture(Strict):
    """The reference of a camera's picture from its setup.

    Attributes:
        width, height: Pixels.
        fps: Frames a second, as they came.
        sharpness: Fine over coarse detail; from 0.65 on it is sharp.
        brightness: Mean grey level, 0…255.
        flicker: Grey levels by which it wavers.
        person: Height of a person, as share of the picture's; 0 if no person was seen.
        date: ISO date.
    """

    width: int
    height: int
    fps: float
    sharpness: float
    brightness: float
    flicker: float
    person: float = 0.0
    date: str


@dataclass(frozen=True)
class Shot:
    """One picture to judge: seconds, uint8 H×W×3 BGR, heights of the people in it (relative)."""

    time: float
    image: Image
    people: tuple[float, ...] = ()


def measure(shots: Sequence[Shot], date: str, masks: Sequence[Mask] = ()) -> Picture:
    """Measure some seconds of pictures, all of one size; at least two.

    Args:
        shots: The pictures.
        date: ISO date.
        masks: What is blanked in them, and counts for nothing.
    """
    height, width = shots[0].image.shape[:2]
    greys = [_grey(shot.image) for shot in shots]
    seen = _seen(masks, greys[0])
    span = max(shots[-1].time - shots[0].time, 1e-6)
    people = [height for shot in shots for height in shot.people]
    return Picture(
        width=width,
        height=height,
        fps=round((len(shots) - 1) / span, 1),
        sharpness=round(float(np.median([_sharpness(grey, seen) for grey in greys[-3:]])), 2),
        brightness=round(float(np.mean([grey[seen].mean() for grey in greys])), 1),
        flicker=round(_flicker(greys, seen), 2),
        person=round(float(np.median(people)), 3) if people else 0.0,
        date=date,
    )


@dataclass(frozen=True)
class Pace:
    """Frame rate of the source, and of processing.

    Attributes:
        arriving: Frames a second that arrive from the camera.
        looked_at: Frames a second that people are looked for in.
        seconds: What one look takes.
    """

    arriving: float
    looked_at: float
    seconds: float

    @property
    def busy(self) -> bool:
        """Whether processing, not the camera, limits the frame rate."""
        return self.looked_at * self.seconds > _BUSY


class PaceMeter:
    """Measures the pace over the last frames."""

    def __init__(self, frames: int) -> None:
        """Start without frames."""
        self._noted: deque[tuple[float, int, float]] = deque(maxlen=frames)

    def note(self, time: float, received: int, seconds: float) -> None:
        """Add a frame: its time (s), frames received by then, processing time (s)."""
        self._noted.append((time, received, seconds))

    def clear(self) -> None:
        """Start again."""
        self._noted.clear()

    def read(self) -> Pace | None:
        """Return the pace; None with too few frames."""
        if len(self._noted) < 2:
            return None
        (start, first, _), (end, last, _) = self._noted[0], self._noted[-1]
        span = max(end - start, 1e-6)
        looks = [seconds for _, _, seconds in self._noted]
        return Pace((last - first) / span, (len(self._noted) - 1) / span, sum(looks) / len(looks))


def judge(
    picture: Picture,
    shots: Sequence[Shot],
    pace: Pace | None = None,
    masks: Sequence[Mask] = (),
) -> list[str]:
    """List the problems and their remedies, the most serious first; empty if there are none.

    Args:
        picture: What was measured.
        shots: The pictures it was measured on.
        pace: How fast they came and were looked at; None for a recording.
        masks: What is blanked in the pictures.
    """
    if all(np.array_equal(shots[0].image, shot.image) for shot in shots[1:]):
        return ["The picture stands still. Restart the camera, and check that it is the right one."]
    last = _grey(shots[-1].image)
    last = last[_seen(masks, last)]
    bright, dark = float((last > 250).mean()), float((last < 6).mean())
    low, high = _BRIGHTNESS
    found = [
        (
            picture.width < _LEAST_SIZE[0] or picture.height < _LEAST_SIZE[1],
            f"The picture has {picture.width}×{picture.height} pixels. Choose a stream of "
            f"{_LEAST_SIZE[0]}×{_LEAST_SIZE[1]} or more in the camera's own settings.",
        ),
        _judge_pace(picture.fps, pace),
        (picture.brightness < low, "The picture is dark. Add light, or raise the exposure."),
        (
            picture.brightness > high or bright > _MOST_CLIPPED,
            "The picture is too bright. Lower the exposure, or turn the camera from the lamp.",
        ),
        (
            low <= picture.brightness and dark > 0.5,
            "Half of the picture is black. Even out the light, or raise the exposure.",
        ),
        (
            picture.sharpness < _LEAST_SHARPNESS,
            "The picture is not sharp. Take off the lens's film, clean the lens, set its focus.",
        ),
        (
            picture.flicker > _MOST_FLICKER,
            "The light flickers in the picture. Set the camera's anti-flicker to the mains "
            "(50 or 60 Hz).",
        ),
        *_judge_person(picture),
    ]
    return [text for wrong, text in found if wrong]


def _judge_pace(fps: float, pace: Pace | None) -> tuple[bool, str]:
    """Report a slow computer where processing takes its time, else camera and network."""
    if pace is not None and pace.busy and min(pace.looked_at, fps) < _LEAST_RATE:
        return True, (
            f"This computer is too slow or too busy: it looks at {pace.looked_at:.1f} of the "
            f"{fps:.0f} pictures a second that arrive, and takes {pace.seconds * 1000:.0f} ms for "
            "each. The network is not the cause. Close other programs, watch fewer cameras, or use "
            "a faster computer."
        )
    source = (
        ""
        if pace is None
        else (f" This computer is not the cause: it takes {pace.seconds * 1000:.0f} ms a picture.")
    )
    return fps < _LEAST_RATE, (
        f"Only {fps:.0f} pictures a second arrive from the camera. Set the camera to 10 or more, "
        f"and check the network between camera and computer.{source}"
    )


def _judge_person(picture: Picture) -> list[tuple[bool, str]]:
    least, most = _PERSON
    small = picture.person < least or picture.person * picture.height < _LEAST_PERSON_PX
    return [
        (not picture.person, "No person is seen. Have a person stand where people will walk in."),
        (
            bool(picture.person) and small,
            f"A person is {picture.person * picture.height:.0f} pixels tall. Zoom in, move the "
            "camera nearer, or choose a stream with more pixels.",
        ),
        (picture.person > most, "A person fills the picture. Move the camera away, or zoom out."),
    ]


def _grey(image: Image) -> NDArray[np.float32]:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    scale = _WIDTH / grey.shape[1]
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return grey.astype(np.float32)


def _seen(masks: Sequence[Mask], grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark the pixels that no mask or its blurred edge reaches; all where there are none."""
    height, width = grey.shape
    masked = np.zeros(grey.shape, np.uint8)
    for mask in masks:
        corners = np.round(np.array(mask.points) * [width, height]).astype(np.int32)
        cv2.fillPoly(masked, [corners], (1,))
    seen = cv2.dilate(masked, np.ones((_EDGE_PX, _EDGE_PX), np.uint8)) == 0
    return seen if seen.any() else np.ones(grey.shape, np.bool_)


def _sharpness(grey: NDArray[np.float32], seen: NDArray[np.bool_]) -> float:
    """Compare fine with coarse detail in the eighth of the picture that has most of it."""
    fine = np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 0.7), cv2.CV_32F))
    coarse = np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 2.0), cv2.CV_32F))
    cells = (32, 18)
    # The edge of a mask is the sharpest there is.
    fine, coarse = (
        cv2.resize(detail * seen, cells, interpolation=cv2.INTER_AREA).ravel()
        for detail in (fine, coarse)
    )
    share = cv2.resize(seen.astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    count = max(1, int(np.count_nonzero(share > 0)) // 8)
    most = np.argsort(coarse)[-count:]
    return float(fine[most].sum() / max(float(coarse[most].sum()), 1e-6)) / 3


def _flicker(greys: Sequence[NDArray[np.float32]], seen: NDArray[np.bool_]) -> float:
    """Measure the flicker of rows by the median of strips, which ignores people who pass."""
    if len(greys) < 4:
        return 0.0
    size, columns = (_STRIPS, greys[0].shape[0] // 4), np.flatnonzero(seen.any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    rows, open_ = (
        np.stack([cv2.resize(one[:, left:right], size, interpolation=cv2.INTER_AREA) for one in of])
        for of in (greys, [seen.astype(np.float32)])
    )
    open_ = open_[0] >= _MOSTLY
    wavering = rows - np.median(rows, axis=0)
    strips = [wavering[:, row, open_[row]] for row in range(size[1]) if open_[row].any()]
    # Half the distance of the quartiles is the deviation of a wave, and of light that goes on and
    # off; a person in a few of the pictures does not change it.
    levels = [np.percentile(np.median(row, axis=1), (25, 75)) for row in strips]
    return float(np.mean([(high - low) / 2 for low, high in levels])) if levels else 0.0
