"""Film every situation in the drawn entrance and record what the detector sees.

    python -m tests.recordings.make

Writes `NAME.jsonl.gz` (no picture, no vectors) and `NAME.golden.jsonl`, the events that today's
tracker, carrying and gates make of it; how these compare with the script's truth is printed. To be
run when the detector's weights change, and looked at before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from calibration import Camera, parse_camera
from common.gallery import Gallery
from models.detectors.yolo import YoloDetector
from models.embedders.mobilenet import MobileNetEmbedder
from models.simulation.cutout import Cutout
from models.simulation.fabric import Fabric
from models.simulation.figure import Look
from models.training.scenes.clips import film_frames
from models.training.scenes.drawn import draw_garment
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.sheet import Design
from models.training.scenes.situations import SITUATIONS, Cast
from models.training.scenes.walks import truth_of
from vision.frame import Frame
from vision.golden import Event, write_golden
from vision.match import Matcher
from vision.pipeline import DetectionStage
from vision.recorder import Recorder
from vision.recording import SUFFIX, Recording
from vision.replay import replay_detections

FOLDER = Path(__file__).parent
_RATE = 10.0
_KINDS = ("top", "dress", "trousers", "skirt", "jacket", "coat")


def person(rng: np.random.Generator) -> Look:
    """Draw somebody at random."""

    def tone() -> tuple[int, int, int]:
        red, green, blue = (int(n) for n in rng.integers(30, 220, 3))
        return red, green, blue

    return Look((100, 140, 190), (40, 60, 90), Fabric("plain", tone()), Fabric("denim", tone()),
                (40, 40, 44), float(rng.uniform(0.42, 0.48)), float(rng.uniform(0.95, 1.1)),
                int(rng.integers(2)))  # fmt: skip


def garment(rng: np.random.Generator) -> Cutout:
    """Draw a garment at random."""
    kind = str(rng.choice(_KINDS))
    red, green, blue = (int(n) for n in rng.integers(20, 235, 3))
    return draw_garment(Design(kind, Fabric("plain", (red, green, blue)), 0, 1), kind)


def empty_matcher() -> Matcher:
    """Match nothing: a recording without vectors tells how many garments, not which."""
    embedder = MobileNetEmbedder(threads=1)
    none = np.zeros((0, embedder.dimensions), np.float32)
    return Matcher(embedder, Gallery(none, (), ()))


def camera_of(gate: dict[str, Any]) -> Camera:
    """Set the gate of a clip."""
    return parse_camera({"name": "clip", "source": "0", "gate": [{"rooms": ["1"], **gate}]}, "clip")


def main() -> None:
    """Make all recordings."""
    detector, matcher, cast = YoloDetector(), empty_matcher(), Cast(person, garment)
    for number, script in enumerate(SITUATIONS):
        situation = script(cast, np.random.default_rng([number, 5]))
        truth = truth_of(situation.walks)
        camera = camera_of(truth["gate"])
        stage, path = DetectionStage(camera, detector), FOLDER / (script.__name__ + SUFFIX)
        path.unlink(missing_ok=True)
        with Recorder(path, camera, _RATE) as recorder:
            frames = film_frames(draw_entrance(), situation.walks, situation.seconds, number)
            for count, image in enumerate(frames):
                seen = stage.process(Frame(camera.name, count / _RATE, image))
                if seen is not None:
                    recorder.write(seen)
        found = [Event.of(c) for c in replay_detections(Recording(path), camera, matcher)]
        write_golden(FOLDER / f"{script.__name__}.golden.jsonl", found)
        wanted = [(e["time"], e["event"], len(e["garments"])) for e in truth["events"]]
        got = [(event.time, event.event, len(event.garments)) for event in found]
        print(f"{script.__name__}: truth {wanted}, found {got}", file=sys.stderr)


if __name__ == "__main__":
    main()
