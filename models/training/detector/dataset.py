"""Compose scenes for training and validation, each split from its own people and articles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from common.progress import progress
from models.simulation.cutout import Cutout
from models.taxonomy import DETECTOR_CLASSES
from models.training.data import (
    Article,
    People,
    cut_out_all,
    find_poses,
    held_out,
    load_articles,
    load_cutout,
)
from models.training.detector.corrected import Corrected, corrected_scene
from models.training.detector.pool import Rendered
from models.training.scenes.compose import Props, compose
from models.training.scenes.designs import drawn_wardrobe
from models.training.scenes.snapshots import (
    Snapshot,
    Surfaces,
    cut_out_snapshot,
    cut_out_snapshots,
    load_snapshots,
    of_garments,
    snapshot_scene,
)
from models.training.scenes.stage import DRAWN, Scene

Rng = np.random.Generator

#: Side of a scene in pixels.
SIZE: Final = 448
#: Probability that a carried garment of a training scene is cut out of a snapshot.
_SNAPSHOTS: Final = 0.33
#: One training picture in this many is an uncomposed snapshot.
_AS_THEY_ARE: Final = 14
#: One training picture in this many is of the shop itself, where there are corrected ones.
_OF_THE_SHOP: Final = 4
#: Share of the training's scenes that show a crowd.
_CROWDS: Final = 0.2


def _picker(articles: list[Article]) -> Callable[[Rng], Cutout]:
    def pick(rng: Rng) -> Cutout:
        while True:
            cutout = load_cutout(articles[int(rng.integers(len(articles)))])
            if cutout is not None:
                return cutout

    return pick


def _garments(root: Path, validation: bool) -> Callable[[Rng], Cutout]:
    """Return a sampler of articles, in training also of garments from snapshots."""
    articles = load_articles(root, garments_only=True)
    packshots = _picker([a for a in articles if held_out(a.style) == validation])
    snapshots = [] if validation else _training_snapshots(root)

    def pick(rng: Rng) -> Cutout:
        if snapshots and rng.random() < _SNAPSHOTS:
            cutout = cut_out_snapshot(snapshots[int(rng.integers(len(snapshots)))])
            if cutout is not None:
                return cutout
        return packshots(rng)

    return pick


@cache
def _training_snapshots(root: Path) -> list[Snapshot]:
    """List the training's snapshots, once."""
    return of_garments(load_snapshots(root, validation=False))


@cache
def _people(root: Path, cache_file: Path, validation: bool) -> People:
    return People(root, validation, find_poses(root, validation, cache_file, progress))


@cache
def scene_props(root: Path, cache_file: Path, validation: bool) -> Props:
    """Load the people and garments of one split for the compositor."""
    people = _people(root, cache_file, validation)
    garments = _garments(root, validation)
    bags = [a for a in load_articles(root) if a.category == "bag"]
    bag = _picker(bags) if bags else garments
    wardrobe = drawn_wardrobe(60, 1 if validation else 0)
    surfaces = Surfaces(load_snapshots(root, validation))
    surface = surfaces.pick if len(surfaces) else None
    crowds = 0.0 if validation else _CROWDS
    return Props(people.pick, garments, wardrobe, bag, surface, crowds, settled=not validation)


def scene(
    root: Path, cache_file: Path, validation: bool, size: int, seed: tuple[int, int]
) -> Scene:
    """Compose the scene of a seed; validation scenes have held-out people and styles."""
    rng = np.random.default_rng([*seed, int(validation)])
    return compose(scene_props(root, cache_file, validation), size, rng)


def validation_scenes(
    root: Path, run: Path, count: int, seed: int, size: int = SIZE
) -> Iterator[Scene]:
    """Compose the validation scenes, with held-out people and styles."""
    for number in range(count):
        yield scene(root, run / "poses.json", True, size, (seed, number))


def render_scene(
    root: Path,
    cache_file: Path,
    size: int,
    seed: tuple[int, int],
    corrected: Sequence[Corrected] = (),
) -> Rendered:
    """Compose the training scene of a seed, now and then an uncomposed snapshot.

    Where a shop's corrected pictures are given, one scene in four is cut out of them.

    Garments and drawn people have boxes; photographed people are labelled by the teacher.

    Args:
        root: The data folder.
        cache_file: What was found in the photos of people (`models.training.data.find_poses`).
        size: Side in pixels.
        seed: The training's, and the scene's number.
        corrected: Pictures with true boxes.
    """
    if corrected and seed[1] % _OF_THE_SHOP == 0:
        return corrected_scene(corrected, size, np.random.default_rng(seed))
    made = None
    shots = _training_snapshots(root)
    if shots and seed[1] % _AS_THEY_ARE == 0:
        rng = np.random.default_rng(seed)
        made = snapshot_scene(shots[int(rng.integers(len(shots)))], size, rng)
    made = made or scene(root, cache_file, False, size, seed)
    boxes = [
        [DETECTOR_CLASSES.index(label.category), *label.box]
        for label in made.labels
        if label.category != "person" or label.pose == DRAWN
    ]
    return Rendered(made.image, np.array(boxes, np.float32).reshape(-1, 5))


def prepare_props(root: Path, cache_file: Path, workers: int) -> None:
    """Prepare all cut-outs of training scenes before the workers are forked.

    Args:
        root: The data folder.
        cache_file: Cache of the poses in the photos of people.
        workers: Processes to cut out with.
    """
    find_poses(root, False, cache_file, progress)
    articles = load_articles(root, garments_only=True)
    bags = [a for a in load_articles(root) if a.category == "bag"]
    cut_out_all([a for a in articles if not held_out(a.style)] + bags, workers)
    cut_out_snapshots(_training_snapshots(root), workers)
    scene_props(root, cache_file, False)
    people = _people(root, cache_file, False)
    for number in range(len(people)):
        people.load(number)
