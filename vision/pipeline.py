"""All stages of one camera in order: frame → … → crossings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from calibration import Camera
from common.crossing import Crossing
from models.detectors.protocol import ObjectDetector
from vision.badge import BadgeReader
from vision.carry import GarmentAssociation
from vision.detect import Detections, detect, gate_columns, within
from vision.frame import Frame
from vision.gate import GateCrossing, GateMonitor
from vision.mask import PrivacyMask
from vision.match import Matcher
from vision.motion import MotionGate
from vision.obstruction import ObstructionMonitor
from vision.track import CameraTracker


class FrameObserver(Protocol):
    """Receives the masked frames of a camera, for example to monitor its health."""

    def update(self, frame: Frame) -> None:
        """Process the next frame, before detection."""

    def update_empty(self, frame: Frame) -> None:
        """Process a frame in which the detector found no person."""


class DetectionStage:
    """The first stages of a camera: apply its privacy mask, skip frames without motion, detect.

    While a person is within reach of a gate, detection runs on that part of the frame only.
    """

    def __init__(
        self, camera: Camera, detector: ObjectDetector, observer: FrameObserver | None = None
    ) -> None:
        """Start before the first frame.

        Args:
            camera: Its masks and gates.
            detector: Cameras of one process may share it.
            observer: Receives all masked frames.
        """
        self._camera, self._detector, self._observer = camera, detector, observer
        self._mask = PrivacyMask(camera)
        self._motion = MotionGate()
        self._detections: Detections | None = None
        self._size = (0, 0)
        self.obstruction = ObstructionMonitor(camera)
        #: Time of the last frame, processed or skipped.
        self.last = 0.0

    def is_resized(self, frame: Frame) -> bool:
        """Check whether the next frame has another resolution than the one before it."""
        height, width = frame.image.shape[:2]
        return self._size not in ((0, 0), (width, height))

    def process(self, frame: Frame) -> Detections | None:
        """Process the next frame; returns None where nothing can be happening in it.

        While people are present and nothing moves, the last detections are returned again. No
        detection runs on a frame that is black or of one colour.

        Raises:
            ShapeError: The frame has another shape than masks and gates were made for.
        """
        height, width = frame.image.shape[:2]
        resized = self.is_resized(frame)
        frame = self._mask.apply(frame)
        if resized:  # boxes of another resolution do not hold in this one
            self._detections, self._motion = None, MotionGate()
        self._size = (width, height)
        self.last = frame.time
        if self._observer is not None:
            self._observer.update(frame)
        self.obstruction.update(frame.image, frame.time)
        if self.obstruction.current or self.obstruction.problem:
            self._detections = None
            return None
        return self._detect(frame)

    def _detect(self, frame: Frame) -> Detections | None:
        height, width = frame.image.shape[:2]
        columns = gate_columns(self._camera.gates, width)
        occupied = self._motion.occupied(frame.time)
        if not self._motion.needs_detection(replace(frame, image=frame.image[:, columns])):
            return replace(self._detections, frame=frame) if self._detections and occupied else None
        detections = detect(self._detector, frame, columns if occupied else None)
        # A frame is empty only where there is no person far from the gate either.
        if self._observer is not None and not occupied and not len(detections.people):
            self._observer.update_empty(frame)
        self._detections = within(detections, columns)
        people = self._detections.people
        if len(people):
            area = height * (columns.stop - columns.start)
            self._motion.note_person(frame.time, float(people.area.min()) / area)
        return self._detections


class Pipeline:
    """One camera from frames to crossings; holds all state between frames."""

    def __init__(
        self,
        camera: Camera,
        detector: ObjectDetector,
        matcher: Matcher,
        frames_per_second: float,
        observer: FrameObserver | None = None,
    ) -> None:
        """Start without people.

        Args:
            camera: Its masks, gates, lens and colours.
            detector: Cameras of one process may share it.
            matcher: The shop's articles.
            frames_per_second: About how often `process` will be called.
            observer: Receives all masked frames.
        """
        self._detection = DetectionStage(camera, detector, observer)
        self._new_tracking: Callable[[], TrackingStage] = partial(
            TrackingStage, camera, matcher, frames_per_second
        )
        self._tracking = self._new_tracking()

    @property
    def obstruction(self) -> str:
        """`black` or `covered` while the camera shows nothing, else empty."""
        return self._detection.obstruction.problem

    def process(self, frame: Frame) -> list[Crossing]:
        """Process the next frame; returns the crossings that are now certain.

        A change of resolution restarts tracking: tracks are in pixels. So does a black or covered
        lens: people who were present when it began have neither entered nor left.

        Raises:
            ShapeError: The frame has another shape than masks and gates were made for.
        """
        crossings: list[Crossing] = []
        if self._detection.is_resized(frame):
            crossings += self.finish()
            self._tracking = self._new_tracking()
        detections = self._detection.process(frame)
        if self.obstruction:
            self._tracking = self._new_tracking()
        return crossings + ([] if detections is None else self._tracking.process(detections))

    def finish(self) -> list[Crossing]:
        """End the source; a person who left the picture behind a gate has crossed it."""
        return self._tracking.finish(self._detection.last)


class TrackingStage:
    """The last stages of a camera: track, associate garments, read badges, check gates, match."""

    def __init__(self, camera: Camera, matcher: Matcher, frames_per_second: float) -> None:
        """Start without people; arguments as for `Pipeline`."""
        self._camera, self._matcher = camera, matcher
        self._tracker = CameraTracker(frames_per_second)
        self._garments = GarmentAssociation(camera.colour.correct if camera.colour else None)
        self._badges = BadgeReader()
        self._gates = GateMonitor(camera.gates, camera.lens)

    def process(self, detections: Detections) -> list[Crossing]:
        """Process the next frame's detections; returns the crossings that are now certain."""
        tracks = self._tracker.update(detections)
        self._garments.update(tracks)
        self._badges.update(tracks)
        return [self._match(crossing) for crossing in self._gates.update(tracks)]

    def finish(self, time: float) -> list[Crossing]:
        """End the source at `time`; a person who left the picture behind a gate has crossed it."""
        return [self._match(crossing) for crossing in self._gates.finish(time)]

    def _match(self, crossing: GateCrossing) -> Crossing:
        """Match the garments that a person carries through a gate."""
        garments = self._matcher.fuse(self._garments.carried_by(crossing.person, crossing.time))
        gate = crossing.gate
        return Crossing(
            crossing.time,
            crossing.event,
            self._camera.name,
            gate.name,
            gate.room,
            crossing.person,
            tuple(self._matcher.match(views) for views in garments),
            () if gate.room else gate.rooms,
            self._badges.is_staff(crossing.person),
        )
