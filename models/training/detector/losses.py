"""The detector's losses: Ultralytics' own on the ground truth, and people distilled from COCO's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

import torch
from torch.nn import functional

from models.taxonomy import DETECTOR_CLASSES
from models.training.detector.augment import AugmentedBatch
from models.training.detector.network import PERSON, Raw

_GAINS: Final = {"box": 7.5, "cls": 0.5, "dfl": 1.5}
#: Teacher score from which a person's box is distilled as well.
_SURE_PERSON: Final = 0.1
#: Target score of drawn people.
_DRAWN_SCORE: Final = 0.9


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


def targets(shown: AugmentedBatch) -> dict[str, torch.Tensor]:
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
