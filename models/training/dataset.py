"""Composed scenes as a YOLO data set, each side of the split from its own people and garments."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from common.progress import progress
from models.data import Article, People, find_poses, held_out, load_articles, load_cutout
from models.scenes.compose import Props, compose
from models.scenes.cutout import Cutout
from models.scenes.stage import Scene
from models.scenes.wardrobe import drawn_wardrobe
from models.snapshots import (
    Snapshot,
    Surfaces,
    cut_out_snapshot,
    load_snapshots,
    of_garments,
    snapshot_scene,
)
from models.taxonomy import DETECTOR_CLASSES

Rng = np.random.Generator

#: Side of a scene in pixels.
SIZE: Final = 448
#: How often a carried garment of a training scene is cut out of a snapshot.
_SNAPSHOTS: Final = 0.33
#: One training picture in this many is a snapshot as it is, so that what hangs there is found.
_AS_THEY_ARE: Final = 14


def _picker(articles: list[Article]) -> Callable[[Rng], Cutout]:
    def pick(rng: Rng) -> Cutout:
        while True:
            cutout = load_cutout(articles[int(rng.integers(len(articles)))])
            if cutout is not None:
                return cutout

    return pick


def _garments(root: Path, validation: bool) -> Callable[[Rng], Cutout]:
    """Pick articles, and for training now and then a garment of a snapshot."""
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
def scene_props(root: Path, cache_file: Path, validation: bool) -> Props:
    """Open the people and garments of one side of the split for the compositor."""
    people = People(root, validation, find_poses(root, validation, cache_file, progress))
    garments = _garments(root, validation)
    bags = [a for a in load_articles(root) if a.category == "bag"]
    bag = _picker(bags) if bags else garments
    wardrobe = drawn_wardrobe(60, 1 if validation else 0)
    surfaces = Surfaces(load_snapshots(root, validation))
    surface = surfaces.pick if len(surfaces) else None
    return Props(people.pick, garments, wardrobe, bag, surface)


def scene(
    root: Path, cache_file: Path, validation: bool, size: int, seed: tuple[int, int]
) -> Scene:
    """Compose the scene of a seed; validation scenes hold unseen people and styles."""
    rng = np.random.default_rng([*seed, int(validation)])
    return compose(scene_props(root, cache_file, validation), size, rng)


def validation_scenes(
    root: Path, run: Path, count: int, seed: int, size: int = SIZE
) -> Iterator[Scene]:
    """Compose the scenes of unseen people and styles that a training is judged by."""
    for number in range(count):
        yield scene(root, run / "poses.json", True, size, (seed, number))


def _write_scene(job: tuple[Path, Path, Path, bool, int, tuple[int, int]]) -> None:
    folder, root, cache_file, validation, size, seed = job
    name = f"{seed[1]:06d}"
    if (folder / "labels" / f"{name}.txt").is_file():
        return
    cv2.setNumThreads(1)
    made = None
    shots = [] if validation else _training_snapshots(root)
    if shots and seed[1] % _AS_THEY_ARE == 0:
        rng = np.random.default_rng(seed)
        made = snapshot_scene(shots[int(rng.integers(len(shots)))], size, rng)
    made = made or scene(root, cache_file, validation, size, seed)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 92]
    cv2.imwrite(str(folder / "images" / f"{name}.jpg"), made.image, quality)
    lines = []
    for label in made.labels:
        x1, y1, x2, y2 = (n / size for n in label.box)
        kind = DETECTOR_CLASSES.index(label.category)
        lines.append(f"{kind} {(x1 + x2) / 2:.5f} {(y1 + y2) / 2:.5f} {x2 - x1:.5f} {y2 - y1:.5f}")
    (folder / "labels" / f"{name}.txt").write_text("\n".join(lines))


def render_scenes(root: Path, run: Path, counts: tuple[int, int], size: int, seed: int) -> Path:
    """Compose all scenes as a YOLO data set; scenes already there are kept.

    Args:
        root: The data folder.
        run: Folder to put `dataset/` and what was found in the photos of people.
        counts: How many to train on, and how many to validate by.
        size: Their side in pixels.
        seed: Of them all.

    Returns:
        The data set's YAML file.
    """
    dataset = run / "dataset"
    cache_file = run / "poses.json"
    for validation in (False, True):
        find_poses(root, validation, cache_file, progress)  # before the processes need them
    jobs = []
    for split, count in zip(("train", "val"), counts, strict=True):
        for part in ("images", "labels"):
            (dataset / split / part).mkdir(parents=True, exist_ok=True)
        jobs += [
            (dataset / split, root, cache_file, split == "val", size, (seed, n))
            for n in range(count)
        ]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        done = pool.imap_unordered(_write_scene, jobs, chunksize=20)
        for _ in progress(done, total=len(jobs), desc="scenes", unit="scene"):
            pass
    names = "\n".join(f"  {n}: {name}" for n, name in enumerate(DETECTOR_CLASSES))
    table = dataset / "scenes.yaml"
    table.write_text(
        f"path: {dataset.resolve()}\ntrain: train/images\nval: val/images\nnames:\n{names}\n"
    )
    return table
