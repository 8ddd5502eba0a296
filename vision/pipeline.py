"""All hops of one camera in order: frame → … → crossings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from calibration import Camera
from common.crossing import Crossing
from models.detectors.protocol import ObjectDetector
from vision.carry import Carrying
from vision.cross import GateKeeper, Passage
from vision.detect import Detections, columns_of, detect, within
from vision.frame import Frame
from vision.mask import Blanker
from vision.match import Matcher
from vision.motion import MotionGate
from vision.plain import PlainWatch
from vision.track import CameraTracker


class Looker:
    """The first hops of a camera: blank its masks, rest while nothing moves, detect.

    While a person is within reach of a gate, only what lies there is looked at.
    """

    def __init__(self, camera: Camera, detector: ObjectDetector) -> None:
        """Take the camera's masks, and a detector that cameras of a process may share."""
        self._camera, self._detector = camera, detector
        self._blanker = Blanker(camera)
        self._motion = MotionGate()
        self.plain = PlainWatch(camera)
        self._found: Detections | None = None
        self._size = (0, 0)
        #: When the last frame was, looked at or not.
        self.last = 0.0
        #: Called with every frame, blanked, before anything looks at it.
        self.on_frame: Callable[[Frame], None] = lambda _frame: None
        #: Called with frames, blanked, in which no person is.
        self.on_empty: Callable[[Frame], None] = lambda _frame: None

    def is_resized(self, frame: Frame) -> bool:
        """Check whether the next frame has another resolution than the one before it."""
        height, width = frame.image.shape[:2]
        return self._size not in ((0, 0), (width, height))

    def look(self, frame: Frame) -> Detections | None:
        """Take the next frame; None where nothing can be happening in it.

        While people are there and nothing moves, they are where they were seen last. People are
        not looked for in a picture that is black or of one colour.

        Raises:
            ShapeError: The picture has another shape than masks and gates were made for.
        """
        height, width = frame.image.shape[:2]
        resized = self.is_resized(frame)
        frame = self._blanker.blank(frame)
        if resized:  # boxes of another resolution do not hold in this one
            self._found, self._motion = None, MotionGate()
        self._size = (width, height)
        self.last = frame.time
        self.on_frame(frame)
        self.plain.look(frame.image, frame.time)
        if self.plain.plain or self.plain.problem:
            self._found = None
            return None
        columns = columns_of(self._camera.gates, width)
        occupied = self._motion.occupied(frame.time)
        if not self._motion.needed(replace(frame, image=frame.image[:, columns])):
            return replace(self._found, frame=frame) if self._found and occupied else None
        seen = detect(self._detector, frame, columns if occupied else None)
        # A picture is empty only where there is no person far off either.
        if not occupied and not len(seen.people):
            self.on_empty(frame)
        self._found = within(seen, columns)
        if len(self._found.people):
            area = height * (columns.stop - columns.start)
            self._motion.saw_somebody(frame.time, float(self._found.people.area.min()) / area)
        return self._found


class Pipeline:
    """One camera's way from frames to crossings; holds all state between frames."""

    def __init__(
        self, camera: Camera, detector: ObjectDetector, matcher: Matcher, frames_per_second: float
    ) -> None:
        """Start with an empty picture.

        Args:
            camera: Its masks, gates, lens and colours.
            detector: Shared between cameras of a process.
            matcher: The shop's articles.
            frames_per_second: About how often `process` will be called.
        """
        self.looker = Looker(camera, detector)
        self._fresh: Callable[[], Follower] = partial(Follower, camera, matcher, frames_per_second)
        self._follower = self._fresh()

    def process(self, frame: Frame) -> list[Crossing]:
        """Take the next frame; returns the crossings that are now certain.

        A change of resolution starts anew: tracks are in pixels. Behind a black or covered lens
        no person is followed: those who were there when it began have neither gone in nor out.

        Raises:
            ShapeError: The picture has another shape than masks and gates were made for.
        """
        crossings: list[Crossing] = []
        if self.looker.is_resized(frame):
            crossings += self.finish()
            self._follower = self._fresh()
        detections = self.looker.look(frame)
        if self.looker.plain.problem:
            self._follower = self._fresh()
        return crossings + ([] if detections is None else self._follower.follow(detections))

    def finish(self) -> list[Crossing]:
        """End the source: a person who left the picture behind a gate has crossed it."""
        return self._follower.finish(self.looker.last)


class Follower:
    """The last hops of a camera: from detections to crossings."""

    def __init__(self, camera: Camera, matcher: Matcher, frames_per_second: float) -> None:
        """Start with an empty picture; arguments as `Pipeline`'s."""
        self._camera, self._matcher = camera, matcher
        self._tracker = CameraTracker(frames_per_second)
        self._carrying = Carrying(camera.colour.correct if camera.colour else None)
        self._gates = GateKeeper(camera.gates, camera.lens)

    def follow(self, detections: Detections) -> list[Crossing]:
        """Take the next frame's detections; returns the crossings that are now certain."""
        tracks = self._tracker.update(detections)
        self._carrying.update(tracks)
        return [self._crossing(passage) for passage in self._gates.update(tracks)]

    def finish(self, time: float) -> list[Crossing]:
        """End the source at a time: a person who left the picture behind a gate has crossed it."""
        return [self._crossing(passage) for passage in self._gates.finish(time)]

    def _crossing(self, passage: Passage) -> Crossing:
        carried = self._matcher.fuse(self._carrying.carried_by(passage.person, passage.time))
        matches = tuple(self._matcher.match(views) for views in carried)
        gate = passage.gate
        return Crossing(
            passage.time,
            passage.event,
            self._camera.name,
            gate.name,
            gate.room,
            passage.person,
            matches,
            () if gate.room else gate.rooms,
        )
