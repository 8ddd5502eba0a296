"""Run a recording through the pipeline as fast as it goes, on the recording's own clock."""

from __future__ import annotations

from collections.abc import Iterator

from calibration import Camera
from models import Detector
from vision.match import Matcher
from vision.pipeline import Crossing, Pipeline
from vision.source import read_file


def replay(
    clip: str, camera: Camera, detector: Detector, matcher: Matcher, frames_per_second: float
) -> Iterator[Crossing]:
    """Replay a recording; the same recording gives the same crossings.

    Args:
        clip: A video file.
        camera: Whose masks and gates to use.
        detector: The detector.
        matcher: The shop's articles.
        frames_per_second: Frames of a faster recording beyond this rate are skipped.

    Yields:
        Crossings in the order in which they became certain.

    Raises:
        VisionError: The recording is missing, damaged or no video.
    """
    pipeline = Pipeline(camera, detector, matcher, frames_per_second)
    due = 0.0
    for frame in read_file(clip, camera.name):
        if frame.time + 1e-6 < due:
            continue
        due = max(due + 1 / frames_per_second, frame.time)
        yield from pipeline.process(frame)
    yield from pipeline.finish()
