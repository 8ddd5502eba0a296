"""Fine-tune the detector on composed scenes."""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.scenes.cutout import read_image
from models.taxonomy import DETECTOR_CLASSES
from models.torch_runtime import import_ultralytics, load_yolo
from models.training.dataset import SIZE, render_scenes
from models.training.unfold import exported_state, unfold_batch_norm


@dataclass(frozen=True)
class DetectorRecipe:
    """Everything that shapes a training.

    `size` is the scenes' side in pixels. `start` is an exported detector (ONNX) of the same
    architecture to go on from; without one training starts from COCO's `weights`.
    """

    scenes: int = 7000
    validation_scenes: int = 1000
    size: int = SIZE
    epochs: int = 3
    batch: int = 16
    frozen_layers: int = 4
    rate: float = 1.2e-3
    architecture: str = "yolo11n.yaml"
    weights: str = "yolo11n-coco.safetensors"
    seed: int = 0
    start: Path | None = None


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
    counts = recipe.scenes, recipe.validation_scenes
    table = render_scenes(root, run, counts, recipe.size, recipe.seed)
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
    start = exported_state(recipe.start, ours) if recipe.start else coco.model.state_dict()
    fitting = {name: value for name, value in start.items() if ours[name].shape == value.shape}
    model.model.load_state_dict(ours | fitting)
    scenes = sorted((run / "dataset" / "train" / "images").glob("*.jpg"))[:64]
    unfold_batch_norm(model.model, set(fitting), [read_image(path) for path in scenes])
    model.ckpt = {"model": model.model}  # or Ultralytics would train from scratch
    return model
