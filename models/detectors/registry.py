"""Load a detector by its name.

To add a detector, add a module with a function `load_detector(folder, threads)` to this package,
or register such a module of an installed package as an entry point in `fittingroom.detectors`.
The setting `vision.detector` selects it. A site may have models of its own, of the default kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from common.registry import Registry, UnknownPluginError
from models.detectors.protocol import ObjectDetector
from models.manifest import WEIGHTS
from models.own import own_models

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


def open_detector(
    name: str = DEFAULT, threads: int = 2, folder: Path = WEIGHTS, own: Path | None = None
) -> ObjectDetector:
    """Load a detector.

    Args:
        name: As in the setting `vision.detector`.
        threads: Processor threads that it may use.
        folder: Of its weights.
        own: A site's folder of models of its own; one of this name is preferred.

    Raises:
        UnknownPluginError: No detector has this name.
        ModelError: Its weights are missing or do not fit.
    """
    names = own_models(own, "detector") if own else []
    if own and name in names:
        return DETECTORS.get(DEFAULT).load_detector(own / name, threads)
    if own and name not in DETECTORS.names():
        known = ", ".join([*names, *DETECTORS.names()])
        raise UnknownPluginError(f"no detector named {name!r}; known: {known}.")
    return DETECTORS.get(name).load_detector(folder, threads)
