"""Load an embedder by its name.

To add an embedder, add a module with a function `load_embedder(folder, threads)` to this package,
or register such a module of an installed package as an entry point in `fittingroom.embedders`.
The setting `vision.embedder` selects it; embed the catalogue again afterwards.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

from common.registry import Registry
from models.embedders.protocol import GarmentEmbedder
from models.embedders.shared import SharedEmbedder
from models.manifest import WEIGHTS

DEFAULT: Final = "mobilenet"


class EmbedderModule(Protocol):
    """The interface of a module with an embedder."""

    def load_embedder(self, folder: Path = WEIGHTS, threads: int = 2) -> GarmentEmbedder:
        """Load the weights of a folder, to run on some processor threads.

        Raises:
            ModelError: They are missing or do not fit.
        """


EMBEDDERS: Registry[EmbedderModule] = Registry(
    "models.embedders", "fittingroom.embedders", "load_embedder"
)


def open_embedder(name: str = DEFAULT, threads: int = 2, folder: Path = WEIGHTS) -> GarmentEmbedder:
    """Load an embedder.

    Args:
        name: As in the setting `vision.embedder`.
        threads: Processor threads that it may use.
        folder: Of its weights.

    Raises:
        UnknownPluginError: No embedder has this name.
        ModelError: Its weights are missing or do not fit.
    """
    return EMBEDDERS.get(name).load_embedder(folder, threads)


def open_shared_embedder(
    name: str = DEFAULT, count: int | None = None, folder: Path = WEIGHTS
) -> SharedEmbedder:
    """Load an embedder that many threads use at a time; errors as of `open_embedder`.

    Args:
        name: As in the setting `vision.embedder`.
        count: Calls that run at a time; as many as there are cores by default.
        folder: Of its weights.
    """
    return SharedEmbedder(lambda: open_embedder(name, 1, folder), count or os.cpu_count() or 1)
