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
    if own and name in own_models(own):
        return DETECTORS.get(DEFAULT).load_detector(own / name, threads)
    if own and name not in DETECTORS.names():
        known = ", ".join([*own_models(own), *DETECTORS.names()])
        raise UnknownPluginError(f"no detector named {name!r}; known: {known}.")
    return DETECTORS.get(name).load_detector(folder, threads)


def own_models(folder: Path) -> list[str]:
    """List the names of the detectors in a site's folder of models."""
    return sorted(manifest.parent.name for manifest in folder.glob("[!.]*/manifest.json"))
