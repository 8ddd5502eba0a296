"""A walk test that runs: who crosses the gates, and a recording of what was detected."""

from __future__ import annotations

from pathlib import Path

from calibration import Camera
from common.crossing import Crossing
from vision.clock import Clocks
from vision.detect import Detections, columns_of, within
from vision.golden import Event, write_golden
from vision.match import Matcher
from vision.pipeline import Follower
from vision.recording import SUFFIX, Recorder


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
