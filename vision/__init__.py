"""From pixels to crossings: source, mask, detect, track, carry, cross, match, and the watcher."""

from vision.errors import VisionError
from vision.match import Match, Matcher
from vision.pipeline import Crossing, Pipeline
from vision.replay import replay
from vision.watcher import Watcher, build_matcher, watch

__all__ = [
    "Crossing",
    "Match",
    "Matcher",
    "Pipeline",
    "VisionError",
    "Watcher",
    "build_matcher",
    "replay",
    "watch",
]
