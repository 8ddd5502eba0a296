"""The default parser: a MobileNetV2 with a feature pyramid (`models.training.parser`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.crops import stretch_all
from models.engine import Engine, softmax
from models.errors import ModelError
from models.manifest import WEIGHTS, ParserEntry, load_manifest, read_weights
from models.parsers.protocol import CLASSES, PICTURE_CLASSES, Parsed

Floats = NDArray[np.float32]


def load_parser(folder: Path = WEIGHTS, threads: int = 2) -> MobileNetParser:
    """Load the weights of a folder with a manifest.

    Raises:
        ModelError: They are missing or do not fit their manifest.
    """
    return MobileNetParser(folder, threads)


class MobileNetParser:
    """Says what catalogue pictures show, and which pixels belong to which category."""

    def __init__(self, folder: Path = WEIGHTS, threads: int = 2) -> None:
        """Read the manifest; the weights are loaded for the first picture.

        Raises:
            ModelError: It is missing or does not fit this program.
        """
        entry = load_manifest(folder).parser
        if entry is None:
            raise ModelError(f"{folder / 'manifest.json'}: names no parser.")
        self.entry: ParserEntry = entry
        if entry.picture_classes != PICTURE_CLASSES or not (
            {*CLASSES[:2]} <= {*entry.classes} <= {*CLASSES}
        ):
            raise _other_classes(entry)
        self._folder, self._threads = folder, threads
        self._layers = [CLASSES.index(name) for name in entry.classes]

    @cached_property
    def _engine(self) -> Engine:
        """The network, which is loaded for the first picture: most imports bring none."""
        weights, entry = read_weights(self.entry, self._folder), self.entry
        engine = Engine(weights, self._threads, entry.file, exact=True)
        outputs = tuple(shape[1] for shape in engine.shapes)
        if outputs != (len(PICTURE_CLASSES), len(entry.classes)):
            raise _other_classes(entry)
        return engine

    @property
    def model(self) -> str:
        """A short name of the weights; pictures are parsed again with other weights."""
        return self.entry.model

    def parse(self, images: Sequence[Image]) -> Parsed:
        """Parse pictures; a category that the weights do not know is seen nowhere.

        Args:
            images: uint8 H×W×3 BGR each, any size.

        Raises:
            ModelError: The weights are missing or do not fit their manifest.
        """
        batch = stretch_all(images, *self.entry.input)
        picture, pixels = self._engine.run({self._engine.inputs[0]: batch})
        by_class = np.zeros((len(pixels), len(CLASSES), *pixels.shape[2:]), np.float32)
        by_class[:, self._layers] = softmax(pixels)
        return Parsed(softmax(picture), by_class)


def _other_classes(entry: ParserEntry) -> ModelError:
    return ModelError(f"{entry.file}: has other classes or kinds than this program knows.")
