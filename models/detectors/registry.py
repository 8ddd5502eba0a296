"""Load a detector by its name.

To add a detector, add a module with a function `load_detector(folder, threads)` to this package,
or register such a module of an installed package as an entry point in `fittingroom.detectors`.
The setting `vision.detector` selects it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from common.registry import Registry
from models.detectors.protocol import ObjectDetector
from models.manifest import WEIGHTS

DEFAULT: Final = "yolo"


class DetectorModule(Protocol):
    """The interface of a module with a detector."""

    def load_detector(self, folder: Path = WEIGHTS, threads: int = 2) -> ObjectDetector:
        """Load the weights of a folder, to run on some processor threads.

        Raises:
            ModelError: They are missing or do not fit.
        """


DETECTORS: Registry[DetectorModule] = Registry(
    "models.detectors", "fittingroom.detectors", "load_detector"
)


def open_detector(name: str = DEFAULT, threads: int = 2, folder: Path = WEIGHTS) -> ObjectDetector:
    """Load a detector.

    Args:
        name: As in the setting `vision.detector`.
        threads: Processor threads that it may use.
        folder: Of its weights.

    Raises:
        UnknownPluginError: No detector has this name.
        ModelError: Its weights are missing or do not fit.
    """
    return DETECTORS.get(name).load_detector(folder, threads)
