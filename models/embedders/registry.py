"""Load an embedder by its name.

To add an embedder, add a module with a function `load_embedder(folder, threads)` to this package,
or register such a module of an installed package as an entry point in `fittingroom.embedders`.
The setting `vision.embedder` selects it; embed the catalogue again afterwards. A site may have
models of its own, ONNX files of the default kind.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from common.registry import Registry, UnknownPluginError
from models.embedders.protocol import GarmentEmbedder
from models.embedders.shared import SharedEmbedder
from models.manifest import WEIGHTS
from models.own import own_models

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


def open_embedder(
    name: str = DEFAULT, threads: int = 2, folder: Path = WEIGHTS, own: Path | None = None
) -> GarmentEmbedder:
    """Load an embedder.

    Args:
        name: As in the setting `vision.embedder`.
        threads: Processor threads that it may use.
        folder: Of its weights.
        own: A site's folder of models of its own; one of this name is preferred.

    Raises:
        UnknownPluginError: No embedder has this name.
        ModelError: Its weights are missing or do not fit.
    """
    names = own_models(own, "embedder") if own else []
    if own and name in names:
        return EMBEDDERS.get(DEFAULT).load_embedder(own / name, threads)
    if own and name not in EMBEDDERS.names():
        known = ", ".join([*names, *EMBEDDERS.names()])
        raise UnknownPluginError(f"no embedder named {name!r}; known: {known}.")
    return EMBEDDERS.get(name).load_embedder(folder, threads)


def open_shared_embedder(
    name: str = DEFAULT,
    count: int | None = None,
    folder: Path = WEIGHTS,
    own: Path | None = None,
) -> SharedEmbedder:
    """Load an embedder that many threads use at a time; errors as of `open_embedder`.

    Args:
        name: As in the setting `vision.embedder`.
        count: Calls that run at a time; as many as there are cores by default.
        folder: Of its weights.
        own: A site's folder of models of its own.
    """
    load = partial(open_embedder, name, 1, folder, own)
    return SharedEmbedder(load, count or os.cpu_count() or 1)
