"""Fine-tune the detector on composed scenes and export it for the running shop."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from tqdm import tqdm

from models.data import (
    Article,
    People,
    find_poses,
    held_out,
    load_articles,
    load_cutout,
)
from models.errors import ModelError
from models.scenes.compose import Props, Scene, compose
from models.scenes.cutout import Cutout, Image, read_image
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
from models.torch_runtime import import_ultralytics, load_yolo

Rng = np.random.Generator

#: How often a carried garment of a training scene is cut out of a snapshot.
_SNAPSHOTS: Final = 0.33
#: One training picture in this many is a snapshot as it is, so that what hangs there is found.
_AS_THEY_ARE: Final = 14


@dataclass(frozen=True)
class DetectorRecipe:
    """Everything that shapes a training.

    `size` is the scenes' side in pixels. `start` is an exported detector (ONNX) of the same
    architecture to go on from; without one training starts from COCO's `weights`.
    """

    scenes: int = 7000
    validation_scenes: int = 500
    size: int = 448
    epochs: int = 3
    batch: int = 16
    frozen_layers: int = 4
    rate: float = 1.2e-3
    architecture: str = "yolo11n.yaml"
    weights: str = "yolo11n-coco.safetensors"
    seed: int = 0
    start: Path | None = None


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
    people = People(root, validation, find_poses(root, cache_file, tqdm))
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


def validation_scenes(root: Path, run: Path, recipe: DetectorRecipe) -> Iterator[Scene]:
    """Compose the scenes of unseen people and styles that a training is judged by."""
    cache_file = run / "poses.json"
    for number in range(recipe.validation_scenes):
        yield scene(root, cache_file, True, recipe.size, (recipe.seed, number))


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


def render_scenes(root: Path, run: Path, recipe: DetectorRecipe) -> Path:
    """Compose all scenes as a YOLO data set; scenes already there are kept.

    Returns:
        The data set's YAML file.
    """
    dataset = run / "dataset"
    cache_file = run / "poses.json"
    find_poses(root, cache_file, tqdm)
    jobs = []
    for split, count in (("train", recipe.scenes), ("val", recipe.validation_scenes)):
        for part in ("images", "labels"):
            (dataset / split / part).mkdir(parents=True, exist_ok=True)
        jobs += [
            (dataset / split, root, cache_file, split == "val", recipe.size, (recipe.seed, n))
            for n in range(count)
        ]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        done = pool.imap_unordered(_write_scene, jobs, chunksize=20)
        for _ in tqdm(done, total=len(jobs), desc="scenes", unit="scene"):
            pass
    names = "\n".join(f"  {n}: {name}" for n, name in enumerate(DETECTOR_CLASSES))
    table = dataset / "scenes.yaml"
    table.write_text(
        f"path: {dataset.resolve()}\ntrain: train/images\nval: val/images\nnames:\n{names}\n"
    )
    return table


def train_detector(root: Path, run: Path, recipe: DetectorRecipe, resume: bool = True) -> Path:
    """Fine-tune on composed scenes.

    Args:
        root: Data folder (layout in `models.data`).
        run: Folder for scenes, checkpoints and figures.
        recipe: What to train.
        resume: Go on from the last epoch of a run that broke off.

    Returns:
        The best checkpoint.

    Raises:
        ModelError: Data or weights are missing.
    """
    run.mkdir(parents=True, exist_ok=True)
    table = render_scenes(root, run, recipe)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2, default=str))
    import_ultralytics()
    logging.getLogger("ultralytics").setLevel(logging.INFO)  # its progress is the training's
    last = run / "fit" / "weights" / "last.pt"
    if resume and last.is_file():
        model = import_ultralytics().YOLO(str(last))
        model.add_callback("on_train_start", _use_all_cores)
        model.train(resume=True)
    else:
        shutil.rmtree(run / "fit", ignore_errors=True)
        model = _starting_model(root, run, recipe)
        model.add_callback("on_train_start", _use_all_cores)
        model.train(
            data=str(table),
            project=str(run.resolve()),
            name="fit",
            exist_ok=True,
            device="cpu",
            epochs=recipe.epochs,
            imgsz=recipe.size,
            batch=recipe.batch,
            seed=recipe.seed,
            freeze=recipe.frozen_layers,
            workers=1,
            plots=False,
            amp=False,
            optimizer="AdamW",
            lr0=recipe.rate,
            lrf=0.02,
            warmup_epochs=0.3,
            warmup_bias_lr=recipe.rate,
            cos_lr=True,
            nbs=16,
            mosaic=0.0,
            degrees=4.0,
            scale=0.25,
            translate=0.1,
            shear=2.0,
            perspective=0.0004,
            hsv_h=0.01,
            hsv_s=0.3,
            hsv_v=0.2,
            save_period=1,
        )
    return run / "fit" / "weights" / "best.pt"


def _use_all_cores(_trainer: Any) -> None:
    import torch

    # Ultralytics leaves one core idle on a CPU.
    torch.set_num_threads(len(os.sched_getaffinity(0)))


def _starting_model(root: Path, run: Path, recipe: DetectorRecipe) -> Any:
    """Build our network on COCO's weights, or on those of an exported detector.

    COCO's class branch is left out: it is as wide as its classes are many.
    """
    coco = load_yolo(recipe.architecture, root / "weights" / recipe.weights)
    description = {key: value for key, value in coco.model.yaml.items() if key != "yaml_file"}
    path = run / f"start-{recipe.architecture}"
    path.write_text(json.dumps(description | {"nc": len(DETECTOR_CLASSES)}, default=str))
    model = import_ultralytics().YOLO(str(path))
    ours = model.model.state_dict()
    start = _exported(recipe.start, ours) if recipe.start else coco.model.state_dict()
    fitting = {name: value for name, value in start.items() if ours[name].shape == value.shape}
    model.model.load_state_dict(ours | fitting)
    scenes = sorted((run / "dataset" / "train" / "images").glob("*.jpg"))[:64]
    unfold_batch_norm(model.model, set(fitting), [read_image(path) for path in scenes])
    model.ckpt = {"model": model.model}  # or Ultralytics would train from scratch
    return model


def _exported(path: Path, state: dict[str, Any]) -> dict[str, Any]:
    """Read an exported detector back into a network's state, batch norm folded.

    Raises:
        ModelError: The file is missing or holds another network.
    """
    import torch

    from models.training.exported import read_state

    found = read_state(path)
    back: dict[str, Any] = {}
    for name, value in state.items():
        layer, _, part = name.rpartition(".")
        folded_bias = found.get(f"{layer.removesuffix('.bn')}.conv.bias")
        if name in found:
            back[name] = found[name]
        elif layer.endswith(".bn") and folded_bias is not None:
            identity = {"bias": folded_bias, "weight": torch.ones_like(value) * (1 + 1e-3) ** 0.5,
                        "running_var": torch.ones_like(value)}  # fmt: skip
            back[name] = identity.get(part, torch.zeros_like(value))
    if missing := [name for name, _ in state.items() if name not in back and "dfl" not in name]:
        raise ModelError(f"{path}: holds another network; it lacks {missing[0]}.")
    return back


def unfold_batch_norm(network: Any, names: set[str], images: list[Image]) -> None:
    """Give batch norm layers real statistics whose scale was folded into their convolutions.

    Folded layers pass everything on unchanged, but only while they use their stored
    statistics; in training they would normalise by the batch and wreck the pretrained
    features. With the statistics of real pictures and an affine part that undoes them,
    the network computes the same in both modes.

    Args:
        network: The network, changed in place.
        names: State names that come from the folded weights; other layers are left alone.
        images: uint8 H×W×3 BGR pictures of one size to take the statistics from.
    """
    import torch

    sums: dict[str, list[Any]] = {}

    def watch(name: str) -> Callable[..., None]:
        def hook(_module: Any, inputs: Any) -> None:
            flat = inputs[0].detach().double().transpose(0, 1).flatten(1)
            sums.setdefault(name, []).append((flat.mean(1), (flat**2).mean(1)))

        return hook

    layers: dict[str, Any] = {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.BatchNorm2d) and f"{name}.weight" in names
    }
    hooks = [module.register_forward_pre_hook(watch(name)) for name, module in layers.items()]
    network.eval()
    with torch.no_grad():
        for start in range(0, len(images), 8):
            batch = np.stack(images[start : start + 8])[..., ::-1].transpose(0, 3, 1, 2)
            network(torch.from_numpy(np.ascontiguousarray(batch)).float() / 255)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for name, layer in layers.items():
            mean = torch.stack([m for m, _ in sums[name]]).mean(0)
            variance = torch.stack([s for _, s in sums[name]]).mean(0) - mean**2
            slope = layer.weight.double() / (layer.running_var.double() + layer.eps).sqrt()
            offset = layer.bias.double() - layer.running_mean.double() * slope
            layer.running_mean.copy_(mean)
            layer.running_var.copy_(variance)
            layer.weight.copy_(slope * (variance + layer.eps).sqrt())
            layer.bias.copy_(offset + slope * mean)
