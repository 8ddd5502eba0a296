"""Run the stylist: encode articles, and query for articles that complete an outfit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.engine import Engine
from models.errors import ModelError
from models.manifest import WEIGHTS, WeightsFile, load_manifest, read_weights
from models.stylist.features import columns_for
from models.taxonomy import CATEGORIES, PARTS

Floats = NDArray[np.float32]

#: Parts of an outfit that a query can ask for, in the order of the network's embedding.
WANTED_PARTS: Final = tuple(dict.fromkeys(PARTS.values()))
_AGAIN: Final = "Train the stylist again: fittingroom train stylist"


class Stylist:
    """Predicts the compatibility of articles.

    Scores are logits of the probability that stylists combine an article with a context,
    relative to its popularity; 0 is no preference.
    """

    def __init__(self, folder: Path = WEIGHTS, threads: int = 1) -> None:
        """Load the weights.

        Raises:
            ModelError: They are missing or do not fit their manifest.
        """
        entry = load_manifest(folder).stylist
        if entry is None:
            raise ModelError(f"{folder}: no stylist; run: fittingroom train stylist")
        self.entry = entry
        self._items = self._open(entry.items, folder, threads)
        categories, self._parts = entry.categories or CATEGORIES, entry.parts or WANTED_PARTS
        if not {*categories} <= {*CATEGORIES} or not {*WANTED_PARTS} <= {*self._parts}:
            raise ModelError(f"{entry.items.file}: knows other categories or parts. {_AGAIN}")
        self._columns = columns_for(categories)
        if (width := self._items.input_shapes[0][1]) != len(self._columns):
            raise ModelError(
                f"{entry.items.file}: takes {width} numbers for an article, this version "
                f"has {len(self._columns)}. {_AGAIN}"
            )
        self._query = self._open(entry.query, folder, threads)

    @staticmethod
    def _open(file: WeightsFile, folder: Path, threads: int) -> Engine:
        return Engine(read_weights(file, folder), threads, file.file, exact=True)

    def encode(self, rows: Floats) -> tuple[Floats, Floats]:
        """Encode features of articles (N×WIDTH) to tokens and item embeddings, float32 N×D.

        An article of a category that the weights do not know is encoded by its picture and colour.
        """
        if not len(rows):
            empty = np.zeros((0, self.entry.dimensions), np.float32)
            return empty, empty
        tokens, item_embeddings = self._items.run({"rows": rows[:, self._columns]})
        return tokens, item_embeddings

    def query(self, worn: Sequence[Floats], wants: Sequence[str]) -> Floats:
        """Encode queries for articles that complete an outfit, in a batch.

        Args:
            worn: B contexts: arrays of tokens, M×D each, M from 1.
            wants: B wanted parts of an outfit.

        Returns:
            B×D; the dot product of a query and an item embedding is a score.
        """
        if not worn:
            return np.zeros((0, self.entry.dimensions), np.float32)
        most = max(len(tokens) for tokens in worn)
        table = np.zeros((len(worn), most, self.entry.dimensions), np.float32)
        absent = np.ones((len(worn), most), bool)
        for row, tokens in enumerate(worn):
            table[row, : len(tokens)], absent[row, : len(tokens)] = tokens, False
        parts = np.array([self._parts.index(part) for part in wants], np.int64)
        given = {"tokens": table, "absent": absent, "want": parts}
        return self._query.run(given)[0]
