"""A camera while it is calibrated: its newest picture, what is in it, and how good it is."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration import Camera, CameraError
from calibration.picture import Picture, Shot, judge, measure
from models import Detector
from models.matching import Indexed
from vision.clock import Clocks
from vision.crop import cut_crop
from vision.cross import foot_points
from vision.detect import Detections, columns_of, detect, within
from vision.frame import Frame
from vision.golden import Event, write_golden
from vision.mask import Blanker
from vision.match import Match, Matcher
from vision.pipeline import Crossing, Follower
from vision.pixelate import pixelate
from vision.recording import SUFFIX, Recorder
from vision.source import LiveSource, State

Image = NDArray[np.uint8]
T = TypeVar("T")

#: Pictures that are judged together, and their width.
_SHOTS: Final = 24
_SHOT_PX: Final = 640
#: Somebody once seen stays pixelated for this long where they were.
_HIDDEN_S: Final = 1.0
#: A preview is no larger than this.
_PREVIEW_PX: Final = 1280
_JPEG: Final = 80


@dataclass(frozen=True)
class Held:
    """A garment held up to the camera: what a catalogue keeps, and what it is taken for."""

    indexed: Indexed
    match: Match
    #: The same without the camera's colour correction; None where there is none.
    uncorrected: Match | None


class Session:
    """Follows one camera for somebody who calibrates it.

    Nothing is journalled. Pictures stay in memory; a preview leaves with masks blanked and people
    pixelated.
    """

    def __init__(self, camera: Camera, source: str, detector: Detector, rate: float) -> None:
        """Prepare; nothing is opened before `start`.

        Args:
            camera: As it is calibrated so far.
            source: File, address or number of the camera.
            detector: Finds who must be pixelated.
            rate: Frames a second.
        """
        self._camera, self._detector, self._rate = camera, detector, rate
        self._blanker = Blanker(camera)
        self._source = LiveSource(source, camera.name, loop=True)
        self._lock = threading.Lock()
        self._newest: Detections | None = None
        self._shots: deque[Shot] = deque(maxlen=_SHOTS)
        self._hidden: deque[tuple[float, NDArray[np.float32]]] = deque()
        self._walk: WalkTest | None = None
        self._thread = threading.Thread(
            target=self._run, name=f"session-{camera.name}", daemon=True
        )

    def start(self) -> None:
        """Begin to follow the camera."""
        self._source.start()
        self._thread.start()

    def stop(self) -> None:
        """Let the camera go."""
        self.stop_walk()
        self._source.stop()
        self._thread.join(timeout=10)

    def use(self, camera: Camera) -> None:
        """Take the camera as it is calibrated now."""
        with self._lock:
            self._camera, self._blanker = camera, Blanker(camera)
            # What was seen before is behind other masks.
            self._newest = None
            self._shots.clear()

    @property
    def problem(self) -> str:
        """Why there is no picture, empty while there is one."""
        if self._source.fresh and self._newest is not None:
            return ""
        return self._source.problem or "Waiting for the camera's picture."

    def frame(self) -> Frame:
        """Return the newest frame, masks blanked.

        Raises:
            CameraError: There is none.
        """
        return self._detections().frame

    def _detections(self) -> Detections:
        newest = self._newest
        if newest is None or not self._source.fresh:
            raise CameraError(f"{self._camera.name}: {self.problem}")
        return newest

    def preview(self, straight: bool = False, mended: bool = False) -> bytes:
        """Return the newest picture as JPEG: masks black, people pixelated.

        Args:
            straight: As a lens without distortion would show it.
            mended: With the camera's colours corrected.

        Raises:
            CameraError: There is no picture, or no lens or colour to correct it by.
        """
        image = self._detections().frame.image
        with self._lock:
            image = pixelate(image, [box for _, box in self._hidden])
        if straight:
            image = _needed(self._camera.lens, "lens").straighten(image)
        if mended:
            image = _needed(self._camera.colour, "colour").correct(image)
        scale = min(1.0, _PREVIEW_PX / image.shape[1])
        if scale < 1:
            image = np.asarray(
                cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
            )
        return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG])[1].tobytes()

    def check(self, date: str) -> tuple[Picture, list[str]] | None:
        """Measure and judge the picture; None while too few have come."""
        with self._lock:
            shots = list(self._shots)
        newest = self._newest
        if len(shots) < _SHOTS // 2 or newest is None:
            return None
        height, width = newest.frame.image.shape[:2]
        measured = measure(shots, date).model_copy(update={"width": width, "height": height})
        return measured, judge(measured, shots)

    def boxes(self) -> list[dict[str, object]]:
        """List what is seen now: boxes, relative, and where people stand, if the floor is known."""
        seen = self._detections()
        height, width = seen.frame.image.shape[:2]
        size = np.array([width, height, width, height], float)
        people: list[dict[str, object]] = [
            {"kind": "person", "box": _rounded(box / size)} for box in seen.people.xyxy
        ]
        floor = self._camera.floor
        if floor and people:
            feet = foot_points(seen.people.xyxy, width) / size[:2]
            metres = floor.to_metres(feet, self._camera.lens)
            for person, place in zip(people, metres, strict=True):
                person["metres"] = _rounded(place)
        garments = seen.garments.xyxy
        return people + [{"kind": "garment", "box": _rounded(box / size)} for box in garments]

    def held(self, matcher: Matcher) -> Held:
        """Match the largest garment in the picture.

        Raises:
            CameraError: No garment is seen.
        """
        seen = self._detections()
        boxes = seen.garments.xyxy
        if not len(boxes):
            raise CameraError("no garment is seen; hold it up by its hanger, a step away.")
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        crop = cut_crop(seen.frame.image, boxes[int(areas.argmax())])
        if not crop.size:
            raise CameraError("the garment is too small in the picture; hold it nearer.")
        colour = self._camera.colour
        shown = colour.correct(crop) if colour else crop
        plain = matcher.match_image(crop) if colour else None
        return Held(matcher.index(shown), matcher.match_image(shown), plain)

    def start_walk(self, matcher: Matcher, folder: Path, name: str) -> None:
        """Begin a walk test; one that runs is given up.

        Args:
            matcher: The shop's articles.
            folder: Where its recording is kept.
            name: Of the recording.

        Raises:
            CameraError: The camera has no gate.
        """
        if not self._camera.gates:
            raise CameraError(f"{self._camera.name}: draw its gate first.")
        self.stop_walk()
        self._walk = WalkTest(self._camera, matcher, self._rate, folder / f"{name}{SUFFIX}")

    def stop_walk(self) -> list[Crossing]:
        """End the walk test, keep its recording, and return what was seen."""
        with self._lock:
            walk, self._walk = self._walk, None
            return walk.finish() if walk else []

    @property
    def walked(self) -> list[Crossing] | None:
        """What the running walk test has seen; None without one."""
        return list(self._walk.crossings) if self._walk else None

    def _run(self) -> None:
        for item in self._source.frames(self._rate):
            if isinstance(item, State):
                continue
            with self._lock:
                frame = self._blanker.blank(item)
                seen = detect(self._detector, frame)
                self._note(seen)
                if self._walk is not None:
                    self._walk.take(seen)

    def _note(self, seen: Detections) -> None:
        image, now = seen.frame.image, seen.frame.time
        height, width = image.shape[:2]
        scale = min(1.0, _SHOT_PX / width)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        people = tuple(float(box[3] - box[1]) / height for box in seen.people.xyxy)
        self._shots.append(Shot(now, np.asarray(small, np.uint8), people))
        self._hidden.extend((now, box) for box in seen.people.xyxy)
        while self._hidden and self._hidden[0][0] < now - _HIDDEN_S:
            self._hidden.popleft()
        self._newest = seen


class WalkTest:
    """A walk test that runs: follows people and garments, and records detections."""

    def __init__(self, camera: Camera, matcher: Matcher, rate: float, path: Path) -> None:
        """Open the recording.

        Raises:
            VisionError: It cannot be written.
        """
        self._gates = camera.gates
        self._follower = Follower(camera, matcher, rate)
        self._recorder = Recorder(path, camera, rate, matcher.embedder, Clocks().wall_at)
        self._start: float | None = None
        self._path, self._last = path, 0.0
        self.crossings: list[Crossing] = []

    def take(self, seen: Detections) -> None:
        """Take the next frame's detections; those out of the gates' reach are left out."""
        seen = within(seen, columns_of(self._gates, seen.frame.image.shape[1]))
        if self._start is None:
            self._start = seen.frame.time
        self._last = seen.frame.time
        self._recorder.write(seen)
        self.crossings += self._follower.follow(seen)

    def finish(self) -> list[Crossing]:
        """Close the recording, with what was seen beside it as its golden file."""
        self.crossings += self._follower.finish(self._last)
        self._recorder.__exit__(None, None, None)
        golden = self._path.with_name(self._path.name.removesuffix(SUFFIX) + ".golden.jsonl")
        write_golden(golden, [Event.of(c, self._start or 0.0) for c in self.crossings])
        return self.crossings


def _rounded(numbers: NDArray[np.floating]) -> list[float]:
    return [round(float(n), 4) for n in numbers]


def _needed(part: T | None, name: str) -> T:
    if part is None:
        raise CameraError(f"the {name} is not calibrated yet.")
    return part
