"""Run a recording through the pipeline as fast as possible, on the recording's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from calibration import Camera
from common.crossing import Crossing
from models.detectors.protocol import ObjectDetector
from vision.errors import VisionError
from vision.frame import Frame
from vision.match import Matcher
from vision.pipeline import Pipeline, TrackingStage
from vision.rate import warn_if_slow
from vision.recording import SUFFIX, Recording
from vision.sources.recorded import at_most, read_file


def replay(
    clip: str,
    camera: Camera,
    detector: ObjectDetector,
    matcher: Matcher,
    frames_per_second: float,
    warn: Callable[[str], None] = lambda _text: None,
) -> Iterator[Crossing]:
    """Replay a recording; the same recording gives the same crossings.

    Args:
        clip: A video file, or detections (`.jsonl.gz`).
        camera: Its masks, gates and lens are used.
        detector: The detector; not used for recorded detections.
        matcher: The shop's articles.
        frames_per_second: Frames of a faster video beyond this rate are skipped.
        warn: Called at the end if the frame rate of a video is too low to track people.

    Yields:
        Crossings in the order in which they became certain.

    Raises:
        VisionError: The recording is missing, damaged, or was made with other weights.
        ShapeError: Its picture has another shape than masks and gates were made for.
    """
    if clip.endswith(SUFFIX):
        yield from replay_detections(Recording(Path(clip)), camera, matcher)
        return
    frames = at_most(warn_if_slow(read_file(clip, camera.name), warn), frames_per_second)
    yield from run_pipeline(frames, camera, detector, matcher, frames_per_second)


def run_pipeline(
    frames: Iterable[Frame],
    camera: Camera,
    detector: ObjectDetector,
    matcher: Matcher,
    frames_per_second: float,
) -> Iterator[Crossing]:
    """Run the whole pipeline over frames; arguments and errors as for `replay`."""
    pipeline = Pipeline(camera, detector, matcher, frames_per_second)
    for frame in frames:
        yield from pipeline.process(frame)
    yield from pipeline.finish()


def replay_detections(recording: Recording, camera: Camera, matcher: Matcher) -> Iterator[Crossing]:
    """Replay recorded detections; arguments and errors as for `replay`."""
    head = recording.header
    camera.check_shape(head.width, head.height)
    if head.model and head.model != matcher.model:
        raise VisionError(
            f"the recording holds embeddings of other weights ({head.model}, not {matcher.model}). "
            "Use those weights, or record again."
        )
    stage, last = TrackingStage(camera, matcher, head.frames_per_second), 0.0
    for detections in recording:
        last = detections.frame.time
        yield from stage.process(detections)
    yield from stage.finish(last)
