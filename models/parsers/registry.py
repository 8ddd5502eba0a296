"""Load a parser by its name.

To add a parser, add a module with a function `load_parser(folder, threads)` to this package, or
register such a module of an installed package as an entry point in `fittingroom.parsers`. The
setting `catalogue.parser` selects it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from common.registry import Registry
from models.manifest import WEIGHTS
from models.parsers.protocol import GarmentParser

DEFAULT: Final = "mobilenet"


class ParserModule(Protocol):
    """The interface of a module with a parser."""

    def load_parser(self, folder: Path = WEIGHTS, threads: int = 2) -> GarmentParser:
        """Load the weights of a folder, to run on some processor threads.

        Raises:
            ModelError: They are missing or do not fit.
        """


PARSERS: Registry[ParserModule] = Registry("models.parsers", "fittingroom.parsers", "load_parser")


def open_parser(name: str = DEFAULT, threads: int = 2, folder: Path = WEIGHTS) -> GarmentParser:
    """Load a parser.

    Args:
        name: As in the setting `catalogue.parser`.
        threads: Processor threads that it may use.
        folder: Of its weights.

    Raises:
        UnknownPluginError: No parser has this name.
        ModelError: Its weights are missing or do not fit.
    """
    return PARSERS.get(name).load_parser(folder, threads)
