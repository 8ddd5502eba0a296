"""A camera during calibration: its newest picture, detections in it, and its quality."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from calibration import Camera, CameraError, ShapeError
from calibration.picture import PaceMeter, Picture, judge, measure
from common.crossing import Crossing, GarmentMatch
from common.image import Image
from models.detectors.protocol import ObjectDetector
from models.matching import GalleryFeatures
from services.cameras.recent import SHOTS, RecentPictures
from services.watching.report import ADVICE
from vision.crop import cut_crop
from vision.detect import Detections, detect
from vision.frame import Frame
from vision.freeze import FreezeMonitor
from vision.mask import PrivacyMask
from vision.masked_picture import MaskedPicture, masking_problem
from vision.match import Matcher
from vision.pixelate import pixelate
from vision.preview import encode_preview, relative_boxes
from vision.recording import SUFFIX
from vision.sources.health import State
from vision.sources.live import LiveSource
from vision.sources.protocol import is_live
from vision.walktest import WalkTest

T = TypeVar("T")

#: Greatest age of a picture that is shown.
_OLD_S: Final = 5.0
_LATE: Final = (
    "The newest picture is some seconds old: this computer is too busy to follow the camera."
)


@dataclass(frozen=True)
class HeldGarment:
    """A garment held up to the camera: its gallery entry, and its match."""

    indexed: GalleryFeatures
    match: GarmentMatch
    #: The same without the camera's colour correction; None where there is none.
    uncorrected: GarmentMatch | None


@dataclass(frozen=True)
class _View:
    """The newest picture with its detections, and the camera whose masks were applied."""

    detections: Detections
    camera: Camera
    #: When it arrived, on the monotonic clock.
    came: float


class Session:
    """Reads one camera during its calibration.

    Nothing is written to the journal. Pictures stay in memory; a preview has its masks applied and
    people pixelated. A picture of another shape than the confirmed one is not used.
    """

    def __init__(self, camera: Camera, source: str, detector: ObjectDetector, rate: float) -> None:
        """Prepare; nothing is opened before `start`.

        Args:
            camera: The camera's present calibration.
            source: File, address or number of the camera.
            detector: Detects people to pixelate.
            rate: Frames per second.
        """
        self._camera, self._detector, self._rate = camera, detector, rate
        self._mask = PrivacyMask(camera)
        self._live = is_live(source)
        self._source = LiveSource(source, camera.name, loop=True)
        self._lock = threading.Lock()
        self._newest: _View | None = None
        self._closed = ""
        self._recent = RecentPictures()
        self._pace = PaceMeter(SHOTS)
        self._freeze = FreezeMonitor()
        self._walk: WalkTest | None = None
        self._thread = threading.Thread(
            target=self._run, name=f"session-{camera.name}", daemon=True
        )

    def start(self) -> None:
        """Start reading the camera."""
        self._source.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop reading and release the camera."""
        self.stop_walk()
        self._source.stop()
        self._thread.join(timeout=10)

    @property
    def camera(self) -> Camera:
        """The camera's present calibration."""
        return self._camera

    def use(self, camera: Camera) -> None:
        """Use a changed calibration from now on."""
        with self._lock:
            before, newest = self._camera, self._newest
            self._camera, self._mask = camera, PrivacyMask(camera)
            if newest is not None and camera.masks == before.masks:
                height, width = newest.detections.frame.image.shape[:2]
                if camera.fits(width, height):
                    self._newest = replace(newest, camera=camera)
                    return
            # The last picture has other masks or another shape.
            self._forget("")

    @property
    def problem(self) -> str:
        """Why there is no picture; empty while there is one."""
        if self._closed:
            return self._closed
        newest = self._newest
        if newest is not None and self._source.fresh:
            return "" if time.monotonic() - newest.came < _OLD_S else _LATE
        return self._source.problem or "Waiting for the camera's picture."

    @property
    def reshaped(self) -> bool:
        """Whether the picture has another shape than the camera was calibrated for."""
        return bool(self._closed)

    @property
    def ended(self) -> bool:
        """Whether the source has ended for good."""
        return self._source.state is State.ENDED

    def frame(self) -> Frame:
        """Return the newest frame, masks applied.

        Raises:
            CameraError: There is none.
        """
        return self._view().detections.frame

    def _view(self) -> _View:
        problem, newest = self.problem, self._newest
        if problem or newest is None:
            raise CameraError(f"{self._camera.name}: {problem or 'no picture yet.'}")
        return newest

    def preview(self, straight: bool = False, corrected: bool = False) -> MaskedPicture:
        """Return the newest picture as JPEG: masks black, people pixelated.

        Args:
            straight: Whether to remove the lens distortion.
            corrected: Whether to correct the colours.

        Raises:
            CameraError: There is no picture, or no lens or colour to correct it by.
        """
        view = self._view()
        frame, camera = view.detections.frame, view.camera
        height, width = frame.image.shape[:2]
        with self._lock:
            hidden = self._recent.people_boxes(width, height)
            before = self._recent.images
        image = pixelate(frame.image, hidden)
        if straight:
            image = _needed(camera.lens, "lens").undistort_image(image)
        if corrected:
            image = _needed(camera.colour, "colour").correct(image)
        problem = "The picture is corrected." if straight or corrected else ""
        problem = problem or self._judge(camera, frame.image, before)
        return MaskedPicture(
            jpeg=encode_preview(image),
            width=width,
            height=height,
            masks=camera.masks_fingerprint,
            source=camera.source,
            problem=problem,
        )

    def confirm_problem(self) -> str:
        """Return why the masks cannot be confirmed on the present picture; empty if they can."""
        if problem := self.problem:
            return problem
        with self._lock:
            view, before = self._newest, self._recent.images
        if view is None:
            return "Waiting for the camera's picture."
        return self._judge(view.camera, view.detections.frame.image, before)

    def _judge(self, camera: Camera, image: Image, before: list[Image]) -> str:
        if self._live and self._freeze.frozen:
            return ADVICE["frozen"]
        return masking_problem(camera, image, before, self._live)

    def check(self, date: str) -> tuple[Picture, list[str]] | None:
        """Measure and rate the picture; None while too few frames have arrived."""
        with self._lock:
            shots, pace = self._recent.shots, self._pace.read()
        newest = self._newest
        if len(shots) < SHOTS // 2 or newest is None or pace is None:
            return None
        height, width = newest.detections.frame.image.shape[:2]
        facts = {"width": width, "height": height, "fps": round(pace.arriving, 1)}
        masks = newest.camera.masks
        measured = measure(shots, date, masks).model_copy(update=facts)
        return measured, judge(measured, shots, pace, masks)

    def boxes(self) -> list[dict[str, object]]:
        """List the present detections: relative boxes, and foot points if the floor is known."""
        return relative_boxes(self._view().detections, self._camera)

    def held(self, matcher: Matcher) -> HeldGarment:
        """Match the largest garment in the picture.

        Raises:
            CameraError: No garment is detected.
        """
        detections = self._view().detections
        boxes = detections.garments.xyxy
        if not len(boxes):
            raise CameraError("no garment is detected. Hold it up by its hanger, a step away.")
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        crop = cut_crop(detections.frame.image, boxes[int(areas.argmax())])
        if not crop.size:
            raise CameraError("the garment is too small in the picture. Hold it closer.")
        colour = self._camera.colour
        corrected = colour.correct(crop) if colour else crop
        uncorrected = matcher.match_image(crop) if colour else None
        return HeldGarment(matcher.index(corrected), matcher.match_image(corrected), uncorrected)

    def start_walk(self, matcher: Matcher, folder: Path, name: str) -> None:
        """Start a walk test; one that runs is stopped.

        Args:
            matcher: The shop's articles.
            folder: The folder of its recording.
            name: The recording's name.

        Raises:
            CameraError: The camera has no gate.
        """
        if not self._camera.gates:
            raise CameraError(f"{self._camera.name}: draw its gate first.")
        self.stop_walk()
        self._walk = WalkTest(self._camera, matcher, self._rate, folder / f"{name}{SUFFIX}")

    def stop_walk(self) -> list[Crossing]:
        """Stop the walk test, close its recording, and return its crossings."""
        with self._lock:
            walk, self._walk = self._walk, None
            return walk.finish() if walk else []

    @property
    def walk_crossings(self) -> list[Crossing] | None:
        """The crossings of the running walk test; None without one."""
        return list(self._walk.crossings) if self._walk else None

    def _run(self) -> None:
        for item in self._source.frames(self._rate):
            if isinstance(item, State):
                continue
            with self._lock:
                try:
                    self._process(item)
                except ShapeError as error:
                    self._forget(str(error))

    def _process(self, frame: Frame) -> None:
        came, frame = time.monotonic(), self._mask.apply(frame)
        self._closed, newest = "", self._newest
        if newest is not None and newest.detections.frame.image.shape != frame.image.shape:
            self._forget("")
        self._freeze.update(frame)
        started = time.monotonic()
        detections = detect(self._detector, frame)
        self._pace.note(came, self._source.received, time.monotonic() - started)
        self._recent.add(detections)
        self._newest = _View(detections, self._camera, came)
        if self._walk is not None:
            self._walk.update(detections)

    def _forget(self, closed: str) -> None:
        """Drop all pictures; `closed` says why the picture is not used, if it is not."""
        self._closed, self._newest = closed, None
        self._recent.clear()
        self._pace.clear()


def _needed(part: T | None, name: str) -> T:
    if part is None:
        raise CameraError(f"the {name} is not calibrated yet.")
    return part
