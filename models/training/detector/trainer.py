"""Train the detector on composed scenes, rendered during the training.

Garments and drawn people, which the COCO network does not detect, are learned from the ground
truth. Photographed people are distilled from COCO's YOLO11n as teacher (Hinton et al. 2015,
"Distilling the knowledge in a neural network"), which needs no labels and limits forgetting.
"""

from __future__ import annotations

import contextlib
import copy
import json
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import numpy as np
import torch
from torch.nn import functional

from common.files import new_file
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from models.training.detector.augment import AugmentedBatch, augment
from models.training.detector.dataset import prepare_props, render_scene
from models.training.detector.network import (
    PERSON,
    SHARED,
    Raw,
    build_detector,
    first_features,
    keep_classes,
    load_coco,
    raw_answers,
)
from models.training.detector.pool import RenderPool
from models.training.detector.recipe import DetectorRecipe
from models.training.detector.unfold import unfold_batch_norm
from models.training.device import find_device, spare_cores

_GAINS: Final = {"box": 7.5, "cls": 0.5, "dfl": 1.5}
_WARM_UP: Final = 0.03
_LAST_RATE: Final = 0.02
_DECAY: Final = 0.9995
_SAVE_EVERY_S: Final = 60.0
_SAY_EVERY_S: Final = 10.0
#: Teacher score from which a person's box is distilled as well.
_SURE_PERSON: Final = 0.1
#: Target score of drawn people.
_DRAWN_SCORE: Final = 0.9
#: Pictures for the initial batch norm statistics.
_STATISTICS: Final = 64


def train_detector(root: Path, run: Path, recipe: DetectorRecipe, resume: bool = True) -> Path:
    """Train on composed scenes and write `detector.pt` to the run folder.

    Args:
        root: Data folder (layout in `models.training.data`).
        run: Folder for the checkpoint; an interrupted training resumes from it.
        recipe: Hyperparameters.
        resume: Resume from the checkpoint in the run folder.

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
        lambda n: render_scene(root, run / "poses.json", recipe.size, (recipe.seed, n)),
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


class _Student:
    """The network in training, its average, and its optimizer."""

    def __init__(self, network: Any, device: torch.device, rate: float) -> None:
        self.network = network.to(device, memory_format=torch.channels_last).train()
        for layer in self.network.model[:SHARED]:
            layer.requires_grad_(False).eval()
        self.average = copy.deepcopy(self.network).eval()
        decayed = [p for p in self.network.parameters() if p.requires_grad and p.ndim > 1]
        plain = [p for p in self.network.parameters() if p.requires_grad and p.ndim <= 1]
        self._parameters = [*decayed, *plain]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}],
            lr=rate,
        )
        self.steps = 0

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """Take a step; the average follows."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, 10.0)
        self.optimizer.step()
        self.steps += 1
        self._follow(min(_DECAY, self.steps / (self.steps + 100)))

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        ours, theirs = self.network.state_dict(), self.average.state_dict()
        floats = [name for name, value in ours.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [theirs[name] for name in floats], [ours[name] for name in floats], 1 - decay
        )

    def state(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "steps": self.steps,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]


def detector_loss(network: Any, device: torch.device) -> Any:
    """Build Ultralytics' detection loss.

    Args:
        network: The detector, with the classes of `DETECTOR_CLASSES`.
        device: Where the network is.

    Returns:
        A `v8DetectionLoss`, for the network's raw answers.
    """
    from ultralytics.utils.loss import v8DetectionLoss

    head = network.model[-1]
    last = SimpleNamespace(
        stride=head.stride.to(device), nc=len(DETECTOR_CLASSES), reg_max=head.reg_max
    )
    stand_in: Any = SimpleNamespace(
        parameters=network.parameters, args=SimpleNamespace(**_GAINS), model=[last]
    )
    return v8DetectionLoss(stand_in)


def _targets(shown: AugmentedBatch) -> dict[str, torch.Tensor]:
    """Convert the boxes of a batch to the format of Ultralytics' loss."""
    size = shown.images.shape[2]
    row, column = shown.there.nonzero(as_tuple=True)
    boxes = shown.boxes[row, column]
    low, high = boxes[:, 1:3] / size, boxes[:, 3:] / size
    return {
        "batch_idx": row.float(),
        "cls": boxes[:, :1],
        "bboxes": torch.cat([(low + high) / 2, high - low], 1),
    }


def drawn_people(
    assigned: torch.Tensor, numbers: torch.Tensor, shown: AugmentedBatch
) -> torch.Tensor:
    """Return a mask of the anchors that are assigned to drawn people.

    Args:
        assigned: bool B×A, anchors with an assigned box.
        numbers: int64 B×A, index of that box in its picture.
        shown: The pictures.

    Returns:
        bool B×A.
    """
    if not shown.there.any():  # then the assignment has no indices, but zeros as floats
        return torch.zeros_like(assigned, dtype=torch.bool)
    classes = torch.full(shown.there.shape, -1.0, device=numbers.device)
    row, column = shown.there.nonzero(as_tuple=True)
    number = shown.there.cumsum(1)[row, column] - 1
    classes[row, number] = shown.boxes[row, column, 0]
    return assigned.bool() & (classes.gather(1, numbers) == PERSON)


def copied_people(answers: Raw, teacher: Raw, drawn: torch.Tensor) -> torch.Tensor:
    """Compute the distillation loss of the class `person`.

    Args:
        answers: Raw output of the student; its first class is `person`.
        teacher: Raw output of the teacher for the same pictures; its first class is `person`.
        drawn: bool B×A, anchors of drawn people, which the teacher misses.
    """
    seen = teacher["scores"][:, 0].sigmoid()
    theirs = torch.where(drawn, _DRAWN_SCORE, seen)
    mass = theirs.sum().clamp(min=1)
    scores = functional.binary_cross_entropy_with_logits(
        answers["scores"][:, 0], theirs, reduction="sum"
    )
    weight = torch.where((seen > _SURE_PERSON) & ~drawn, seen, 0.0)
    shape = (len(theirs), 4, -1, theirs.shape[1])
    ours = answers["boxes"].view(shape).log_softmax(2)
    wanted = teacher["boxes"].view(shape).softmax(2)
    sides = functional.kl_div(ours, wanted, reduction="none").sum(2).mean(1)
    return (scores * _GAINS["cls"] + (sides * weight).sum() * _GAINS["box"]) / mass


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
        self._unfold(network)
        self.student = _Student(network, self.device, recipe.rate)
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
        assigned, loss, _ = self.criterion.get_assigned_targets_and_loss(known, _targets(shown))
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
