"""Find articles of a gallery that are too similar to be told apart by a camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

Floats = NDArray[np.float32]

_CHUNK: Final = 1024


def mean_embeddings(embeddings: Floats, skus: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    """Average the rows of each article.

    Args:
        embeddings: float32 N×D, rows L2-normalised.
        skus: The article of each row.

    Returns:
        float32 A×D, rows L2-normalised, and the articles of the rows in ascending order.
    """
    names, rows = np.unique(np.array(skus), return_inverse=True)
    total = np.zeros((len(names), embeddings.shape[1]), np.float32)
    np.add.at(total, rows, embeddings)
    return total / np.linalg.norm(total, axis=1, keepdims=True), tuple(names.tolist())


def group_lookalikes(embeddings: Floats, least: float) -> list[NDArray[np.int64]]:
    """Group articles of which each resembles each other one of its group.

    Args:
        embeddings: float32 A×D, of A articles, rows L2-normalised.
        least: Cosine from which on two articles cannot be told apart
            (`models.manifest.MatchCalibration.lookalike`).

    Returns:
        Rows of each group of two and more, the largest group first.
    """
    pairs = [_similar(embeddings, start, least) for start in range(0, len(embeddings), _CHUNK)]
    rows, columns = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)
    shape = (len(embeddings), len(embeddings))
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape)
    _, labels = connected_components(graph, directed=False)
    groups = []
    for label in np.unique(labels[rows]):
        groups += _split(embeddings, np.flatnonzero(labels == label), least)
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _similar(embeddings: Floats, start: int, least: float) -> NDArray[np.int64]:
    similarity = embeddings[start : start + _CHUNK] @ embeddings.T
    rows, columns = np.nonzero(similarity >= least)
    kept = rows + start < columns
    return np.stack([rows[kept] + start, columns[kept]])


def _split(embeddings: Floats, rows: NDArray[np.int64], least: float) -> list[NDArray[np.int64]]:
    """Split what hangs together by a chain into groups that are similar throughout."""
    distance = np.clip(1 - embeddings[rows] @ embeddings[rows].T, 0, 2)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "complete")
    labels = fcluster(tree, 1 - least, "distance")
    groups = [rows[labels == label] for label in np.unique(labels)]
    return [group for group in groups if len(group) > 1]
