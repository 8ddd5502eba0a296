"""From pixels to crossings: source, mask, detect, track, carry, cross, match."""

from vision.errors import VisionError
from vision.match import Match, Matcher
from vision.pipeline import Crossing, Pipeline
from vision.replay import replay

__all__ = [
    "Crossing",
    "Match",
    "Matcher",
    "Pipeline",
    "VisionError",
    "replay",
]
