"""From pixels to crossings: source, mask, detect, track, carry, cross, match."""

from vision.errors import VisionError
from vision.match import Matcher
from vision.pipeline import Pipeline
from vision.replay import replay

__all__ = [
    "Matcher",
    "Pipeline",
    "VisionError",
    "replay",
]
