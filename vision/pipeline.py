"""All hops of one camera in order: frame → … → crossings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from calibration import Camera
from models import Detector
from vision.carry import Carrying
from vision.cross import GateKeeper, Passage
from vision.detect import detect
from vision.frame import Frame
from vision.mask import Blanker
from vision.match import Match, Matcher
from vision.motion import MotionGate
from vision.track import CameraTracker


@dataclass(frozen=True)
class Crossing:
    """Somebody went in or came out, with these garments."""

    time: float
    event: str
    camera: str
    gate: str
    room: str
    person: int
    garments: tuple[Match, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the event as `fittingroom replay --json` prints it."""
        return {
            "time": round(self.time, 3),
            "event": self.event,
            "camera": self.camera,
            "gate": self.gate,
            "room": self.room,
            "garments": [garment.as_json() for garment in self.garments],
        }


class Pipeline:
    """One camera's way from frames to crossings; holds all state between frames."""

    def __init__(
        self, camera: Camera, detector: Detector, matcher: Matcher, frames_per_second: float
    ) -> None:
        """Start with an empty picture.

        Args:
            camera: Its masks and gates.
            detector: Shared between cameras of a process.
            matcher: The shop's articles.
            frames_per_second: About how often `process` will be called.
        """
        self._camera, self._detector, self._matcher = camera, detector, matcher
        self._blanker = Blanker(camera)
        self._tracker = CameraTracker(frames_per_second)
        self._carrying = Carrying()
        self._gates = GateKeeper(camera.gates)
        self._motion = MotionGate()
        self._last = 0.0
        #: Told of every frame, blanked, before anything looks at it.
        self.on_frame: Callable[[Frame], None] = lambda _frame: None
        #: Told of frames, blanked, in which nobody is.
        self.on_empty: Callable[[Frame], None] = lambda _frame: None

    def process(self, frame: Frame) -> list[Crossing]:
        """Take the next frame; returns the crossings that are now certain."""
        frame = self._blanker.blank(frame)
        self._last = frame.time
        self.on_frame(frame)
        if not self._motion.needed(frame):
            return []
        detections = detect(self._detector, frame)
        if len(detections.people):
            self._motion.saw_somebody(frame.time)
        else:
            self.on_empty(frame)
        tracks = self._tracker.update(detections)
        self._carrying.update(tracks)
        return [self._crossing(passage) for passage in self._gates.update(tracks)]

    def finish(self) -> list[Crossing]:
        """End the source: whoever left the picture behind a gate has crossed it."""
        return [self._crossing(passage) for passage in self._gates.finish(self._last)]

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
        )
