"""Embedding a catalogue against the plain loop: articles per second and core, and memory.

    python -m benchmarks.importing [--articles 200] [--data FOLDER]

The baseline takes one article after the other: it simulates the views, then embeds packshot and
views together at full size with one network on all cores. Both run in processes of their own, on
the same drawn garments (or the packshots of a data folder), each with 16 views. Simulated cloth is
rendered once in a process; with fewer than a thousand articles, much of the time is that.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.appearance import Shot, appearances, embed_articles
from models.embedders.registry import open_embedder, open_shared_embedder
from models.simulation.cutout import read_image
from models.simulation.fabric import PATTERNS, Fabric
from models.taxonomy import GARMENTS

_WARM_UP: Final = 4


def drawn_shots(count: int) -> Iterator[Shot]:
    """Draw packshots of garments."""
    from models.training.scenes.drawn import draw_garment, packshot_of
    from models.training.scenes.sheet import Design

    rng = np.random.default_rng(0)
    for number in range(count):
        category = ("top", "jacket", "skirt", "dress", "trousers")[number % 5]
        colour, accent = (tuple(int(c) for c in rng.integers(20, 235, 3)) for _ in range(2))
        fabric = Fabric(PATTERNS[number % len(PATTERNS)], colour, accent)  # type: ignore[arg-type]
        design = Design(category, fabric, int(rng.integers(3)), int(rng.integers(1, 4)))
        yield Shot(packshot_of(draw_garment(design, str(number)), 240, 320), category)


def photographed_shots(root: Path, count: int) -> Iterator[Shot]:
    """Read packshots of a data folder, evenly over its garments."""
    from models.training.data import load_articles

    garments = [article for article in load_articles(root) if article.category in GARMENTS]
    for article in garments[:: max(1, len(garments) // count)][:count]:
        yield Shot(read_image(article.image), article.category)


def embed_plainly(shots: list[Shot]) -> Iterator[np.ndarray]:
    """Embed one article after the other, at full size."""
    embedder = open_embedder()
    for shot in shots:
        vectors = embedder.embed(appearances(shot)).embeddings
        yield vectors[0] + vectors[1:].mean(0) if len(vectors) > 1 else vectors[0]


def embed_together(shots: list[Shot]) -> Iterator[np.ndarray]:
    """Embed as an import does."""
    for features in embed_articles(open_shared_embedder(), shots):
        yield features.embedding


def measure(way: str, root: Path | None, count: int) -> dict[str, Any]:
    """Run one way; processor time counts little of what else the machine does."""
    shots = list(photographed_shots(root, count) if root else drawn_shots(count))
    embed = {"plain_loop": embed_plainly, "import": embed_together}[way]
    list(embed(shots[:_WARM_UP]))
    before = _peak_mb()
    started, used = time.perf_counter(), time.process_time()
    vectors = np.stack(list(embed(shots)))
    took, used = time.perf_counter() - started, time.process_time() - used
    return {
        "articles_per_second": round(count / took, 2),
        "articles_per_core_second": round(count / used, 2),
        "peak_mb": _peak_mb(),
        "growth_mb": _peak_mb() - before,
        "vectors": vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
    }


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--data", type=Path, help="Data folder (docs/how-to/training.md).")
    given = parser.parse_args()
    ways = ("plain_loop", "import")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        report = {way: pool.apply(measure, (way, given.data, given.articles)) for way in ways}
    one, other = (report[way].pop("vectors") for way in ways)
    ratio = report["import"]["articles_per_core_second"]
    report["ratio"] = round(ratio / report["plain_loop"]["articles_per_core_second"], 2)
    report["cosine"] = round(float((one * other).sum(1).mean()), 4)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
