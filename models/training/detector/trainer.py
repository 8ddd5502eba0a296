"""Train the detector on composed scenes, rendered during the training.

Garments and drawn people, which the COCO network does not detect, are learned from the ground
truth. Photographed people are distilled from COCO's YOLO11n as teacher (Hinton et al. 2015,
"Distilling the knowledge in a neural network"), which needs no labels and limits forgetting.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import torch

from common.files import new_file
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from models.training.detector.augment import AugmentedBatch, augment
from models.training.detector.corrected import Corrected
from models.training.detector.dataset import prepare_props, render_scene
from models.training.detector.losses import (
    copied_people,
    detector_loss,
    drawn_people,
    targets,
)
from models.training.detector.network import (
    PERSON,
    build_detector,
    first_features,
    keep_classes,
    load_coco,
    raw_answers,
)
from models.training.detector.pool import RenderPool
from models.training.detector.recipe import DetectorRecipe
from models.training.detector.student import Student
from models.training.detector.unfold import unfold_batch_norm
from models.training.device import find_device, spare_cores

_WARM_UP: Final = 0.03
_LAST_RATE: Final = 0.02
_SAVE_EVERY_S: Final = 60.0
_SAY_EVERY_S: Final = 10.0
#: Pictures for the initial batch norm statistics.
_STATISTICS: Final = 64


def train_detector(
    root: Path,
    run: Path,
    recipe: DetectorRecipe,
    resume: bool = True,
    corrected: Sequence[Corrected] = (),
) -> Path:
    """Train on composed scenes and write `detector.pt` to the run folder.

    Args:
        root: Data folder (layout in `models.training.data`).
        run: Folder for the checkpoint; an interrupted training resumes from it.
        recipe: Hyperparameters.
        resume: Resume from the checkpoint in the run folder.
        corrected: Pictures with true boxes, a source in addition to the composed scenes.

    Returns:
        The checkpoint's path.

    Raises:
        ModelError: Data or weights are missing.
    """
    began = time.monotonic()
    recipe = recipe.for_device(find_device(recipe.device))
    run.mkdir(parents=True, exist_ok=True)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2, default=str))
    torch.manual_seed(recipe.seed)
    workers = recipe.workers or spare_cores()
    prepare_props(root, run / "poses.json", workers)
    print("detector: all is cut out", file=sys.stderr, flush=True)
    pool = RenderPool(
        lambda n: render_scene(root, run / "poses.json", recipe.size, (recipe.seed, n), corrected),
        recipe.scenes,
        recipe.size,
        workers,
    )
    try:
        training = _Training(root, run, recipe, pool)
        if resume and training.checkpoint.is_file():
            training.load()
        training.fit(began)
    finally:
        pool.close()
    return training.checkpoint


class _Scenes:
    """The rendered scenes on the device."""

    def __init__(self, pool: RenderPool, device: torch.device) -> None:
        self._pool, self._device = pool, device
        self._known = np.zeros(len(pool.stamps), np.int64)
        self.images = torch.zeros(pool.images.shape, dtype=torch.uint8, device=device)
        self.boxes = torch.zeros(pool.boxes.shape, device=device)
        self.counts = torch.zeros(pool.counts.shape, dtype=torch.long, device=device)
        self._filled = torch.zeros(0, dtype=torch.long, device=device)
        self.rendered = 0

    def __len__(self) -> int:
        return len(self._filled)

    def fetch(self, most: int) -> None:
        """Copy newly rendered scenes to the device."""
        slots = self._pool.fresh(self._known)[:most]
        if not len(slots):
            return
        stamps = self._pool.stamps[slots]
        where = torch.from_numpy(slots).to(self._device)
        self.images[where] = torch.from_numpy(self._pool.images[slots]).to(self._device)
        self.boxes[where] = torch.from_numpy(self._pool.boxes[slots]).to(self._device)
        self.counts[where] = torch.from_numpy(self._pool.counts[slots]).to(self._device)
        self._known[slots] = stamps
        self.rendered += len(slots)
        self._filled = torch.from_numpy(np.flatnonzero(self._known)).to(self._device)

    def draw(self, count: int, size: int) -> AugmentedBatch:
        """Draw a random batch of scenes and augment it."""
        at = torch.randint(len(self._filled), (count,), device=self._device)
        rows = self._filled[at]
        there = torch.arange(self.boxes.shape[1], device=self._device) < self.counts[rows, None]
        return augment(self.images[rows], self.boxes[rows], there, size)


class _Training:
    """A training with its state; saves and loads checkpoints."""

    def __init__(self, root: Path, run: Path, recipe: DetectorRecipe, pool: RenderPool) -> None:
        self.recipe, self.checkpoint, self.pool = recipe, run / "detector.pt", pool
        self.seconds = 0.0
        self.device = find_device(recipe.device)
        coco = load_coco(root)
        network = build_detector(coco)
        if recipe.start is not None:
            # Another machine may have no onnx (`standalone.py`).
            from models.training.detector.start import start_from

            start_from(network, recipe.start)
        self._unfold(network)
        self.student = Student(network, self.device, recipe.rate)
        self.criterion = detector_loss(self.student.network, self.device)
        teacher = keep_classes(coco, [PERSON]).requires_grad_(False)
        self.teacher = teacher.to(self.device, memory_format=torch.channels_last).eval()
        self.scenes = _Scenes(pool, self.device)

    def _unfold(self, network: Any) -> None:
        """Initialise batch norm with the statistics of the first scenes."""
        while not self.pool.stamps[:_STATISTICS].all():
            self._check_pool()
        count = min(_STATISTICS, len(self.pool.stamps))
        unfold_batch_norm(network, list(self.pool.images[:count]))

    def _check_pool(self) -> None:
        if not self.pool.alive:
            raise ModelError("a process that renders scenes has ended; its message is above.")
        time.sleep(0.05)

    def fit(self, began: float) -> None:
        """Train to the recipe's end; its minutes count from `began` (`time.monotonic`)."""
        slots = len(self.pool.stamps)
        while len(self.scenes) < min(2 * self.recipe.batch, slots):
            self._check_pool()
            self.scenes.fetch(slots)
        before, said = self.seconds - began, time.monotonic()
        saved = -math.inf  # the first step shows at once whether the folder can be written
        try:
            while (progress := self._progress()) < 1:
                self.scenes.fetch(4 * self.recipe.batch)
                rate = self.recipe.rate * _schedule(progress)
                loss = self._loss()
                self.student.step(loss, rate)
                now = time.monotonic()
                self.seconds = before + now
                if now - said > _SAY_EVERY_S:
                    said = now
                    self._say(float(loss.detach()), rate)
                if now - saved > _SAVE_EVERY_S:
                    saved = now
                    self.save()
        finally:
            self.save()

    def _progress(self) -> float:
        if self.recipe.steps is not None:
            return self.student.steps / self.recipe.steps
        return self.seconds / (60 * self.recipe.minutes)

    def _loss(self) -> torch.Tensor:
        shown = self.scenes.draw(self.recipe.batch, self.recipe.shown)
        images = shown.images.contiguous(memory_format=torch.channels_last)
        with self._half():
            with torch.no_grad():
                features = first_features(self.teacher, images)
                taught = raw_answers(self.teacher, features)
            answers = raw_answers(self.student.network, features)
        exact = {key: _exact(value) for key, value in answers.items()}
        # The scores of people are distilled below; here they only serve the assignment.
        people, garments = exact["scores"].split((1, len(DETECTOR_CLASSES) - 1), 1)
        known = {**exact, "scores": torch.cat([people.detach(), garments], 1)}
        assigned, loss, _ = self.criterion.get_assigned_targets_and_loss(known, targets(shown))
        drawn = drawn_people(assigned[0], assigned[1], shown)
        taught = {key: _exact(value) for key, value in taught.items()}
        return cast("torch.Tensor", loss.sum() + copied_people(exact, taught, drawn))

    def _half(self) -> contextlib.AbstractContextManager[object]:
        if self.device.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return contextlib.nullcontext()

    def _say(self, loss: float, rate: float) -> None:
        print(
            f"detector: {self.seconds:.0f} s: {self.student.steps} steps of "
            f"{self.recipe.batch}, {self.scenes.rendered} scenes rendered, rate {rate:.2g}, "
            f"loss {loss:.3f}",
            file=sys.stderr,
            flush=True,
        )

    def save(self) -> None:
        """Write the checkpoint atomically."""
        with new_file(self.checkpoint) as fresh:
            torch.save({"seconds": self.seconds, **self.student.state()}, fresh)

    def load(self) -> None:
        """Resume from the checkpoint.

        Raises:
            ModelError: It was written by another version of this training.
        """
        state = torch.load(self.checkpoint, weights_only=True, map_location=self.device)
        if missing := {"seconds", "network", "average", "optimizer", "steps"} - set(state):
            raise ModelError(
                f"{self.checkpoint}: another version's checkpoint (no {min(missing)!r}); "
                "train in another folder, or with --fresh."
            )
        self.student.load(state)
        self.seconds = float(state["seconds"])


def _exact(value: Any) -> Any:
    return [part.float() for part in value] if isinstance(value, list) else value.float()


def _schedule(progress: float) -> float:
    warm = min(1.0, progress / _WARM_UP)
    return warm * (_LAST_RATE + (1 - _LAST_RATE) * 0.5 * (1 + math.cos(math.pi * progress)))
