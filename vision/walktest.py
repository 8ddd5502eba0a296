"""A running walk test: detects crossings and records detections."""

from __future__ import annotations

from pathlib import Path

from calibration import Camera
from common.crossing import Crossing
from vision.clock import Clocks
from vision.detect import Detections, gate_columns, within
from vision.golden import Event, write_golden
from vision.match import Matcher
from vision.pipeline import TrackingStage
from vision.recorder import Recorder
from vision.recording import SUFFIX


class WalkTest:
    """A running walk test of one camera."""

    def __init__(self, camera: Camera, matcher: Matcher, rate: float, path: Path) -> None:
        """Open the recording.

        Raises:
            VisionError: It cannot be written.
        """
        self._gates = camera.gates
        self._stage = TrackingStage(camera, matcher, rate)
        self._recorder = Recorder(path, camera, rate, matcher.embedder, Clocks().wall_at)
        self._start: float | None = None
        self._path, self._last = path, 0.0
        self.crossings: list[Crossing] = []

    def update(self, detections: Detections) -> None:
        """Process the next frame's detections; those out of the gates' reach are ignored."""
        width = detections.frame.image.shape[1]
        detections = within(detections, gate_columns(self._gates, width))
        if self._start is None:
            self._start = detections.frame.time
        self._last = detections.frame.time
        self._recorder.write(detections)
        self.crossings += self._stage.process(detections)

    def finish(self) -> list[Crossing]:
        """Close the recording and write the crossings next to it as its golden file."""
        self.crossings += self._stage.finish(self._last)
        self._recorder.__exit__(None, None, None)
        golden = self._path.with_name(self._path.name.removesuffix(SUFFIX) + ".golden.jsonl")
        write_golden(golden, [Event.of(c, self._start or 0.0) for c in self.crossings])
        return self.crossings
