"""COCO's network with classes of our own."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from models.training.detector.augment import AugmentedBatch
from models.training.detector.losses import copied_people, detector_loss, drawn_people
from models.training.detector.network import (
    PERSON,
    SHARED,
    Decoded,
    build_detector,
    first_features,
    keep_classes,
    load_coco,
    raw_answers,
)
from models.training.torch_runtime import keep_ultralytics_offline

pytestmark = pytest.mark.filterwarnings("ignore")  # Ultralytics warns about itself


@pytest.fixture(scope="module")
def coco() -> Any:
    """YOLO11n with random weights in place of COCO's."""
    keep_ultralytics_offline()
    torch.manual_seed(0)
    tasks = importlib.import_module("ultralytics.nn.tasks")
    return tasks.DetectionModel("yolo11n.yaml", nc=80, verbose=False).eval()


@torch.no_grad()
def test_our_network_sees_people_as_the_one_it_was_made_of(coco: Any) -> None:
    ours, people = build_detector(coco).eval(), keep_classes(coco, [PERSON])
    images = torch.rand(2, 3, 96, 128)
    features = first_features(coco, images)
    assert len(features) == SHARED
    theirs = raw_answers(coco, features)
    answers, persons = raw_answers(ours, features), raw_answers(people, features)
    assert answers["scores"].shape[1] == len(DETECTOR_CLASSES)
    assert torch.allclose(answers["scores"][:, 0], theirs["scores"][:, PERSON], atol=1e-5)
    assert torch.allclose(answers["boxes"], theirs["boxes"], atol=1e-4)
    assert float(answers["scores"][:, 1:].sigmoid().max()) < 0.1  # no garment yet
    sure = persons | {"scores": persons["scores"] + 9.0}  # random weights see hardly anybody
    alike = answers | {"scores": answers["scores"] + 9.0}
    blind = answers | {"scores": answers["scores"] + 6.0}
    drawn = torch.zeros(2, answers["scores"].shape[2], dtype=torch.bool)
    assert float(copied_people(blind, sure, drawn)) > 1.1 * float(copied_people(alike, sure, drawn))
    elsewhere = alike | {"boxes": answers["boxes"].flip(2) + torch.randn_like(answers["boxes"])}
    right = float(copied_people(alike, sure, drawn))
    assert float(copied_people(elsewhere, sure, drawn)) > 1.1 * right
    drawn[:, :5] = True  # here the teacher's low scores are wrong
    assert float(copied_people(answers, persons, drawn)) > 2 * float(
        copied_people(answers, persons, torch.zeros_like(drawn))
    )


def test_drawn_people_are_told_from_garments_and_from_photographed_ones() -> None:
    boxes = torch.zeros(2, 3, 5)
    boxes[0, :, 0] = torch.tensor([4.0, PERSON, 7.0])
    there = torch.tensor([[False, True, True], [True, False, False]])
    boxes[1, 0, 0] = 3.0
    shown = AugmentedBatch(torch.zeros(2, 3, 32, 32), boxes, there)
    assigned = torch.tensor([[True, True, False], [True, False, False]])
    numbers = torch.tensor([[0, 1, 0], [0, 0, 0]])  # among those that are there
    assert drawn_people(assigned, numbers, shown).tolist() == [[True, False, False], [False] * 3]


def test_no_people_are_drawn_in_a_batch_of_empty_pictures(coco: Any) -> None:
    network = build_detector(coco)
    images = torch.zeros(2, 3, 64, 64)
    shown = AugmentedBatch(images, torch.zeros(2, 1, 5), torch.zeros(2, 1, dtype=torch.bool))
    known = raw_answers(network, first_features(network, images))
    targets = {"batch_idx": torch.zeros(0), "cls": torch.zeros(0, 1), "bboxes": torch.zeros(0, 4)}
    criterion = detector_loss(network, torch.device("cpu"))
    assigned, _, _ = criterion.get_assigned_targets_and_loss(known, targets)
    assert not drawn_people(assigned[0], assigned[1], shown).any()


@torch.no_grad()
def test_what_is_exported_answers_as_ultralytics_does(coco: Any) -> None:
    images = torch.rand(1, 3, 64, 96)
    expected = build_detector(coco).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        wanted = expected(images)[0]
    network = build_detector(coco)
    network.load_state_dict(expected.state_dict())
    got = Decoded(network)(images)
    assert got.shape == wanted.shape == (1, 4 + len(DETECTOR_CLASSES), 8 * 12 + 4 * 6 + 2 * 3)
    assert torch.allclose(got, wanted, atol=2e-3)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such weights"):
        load_coco(tmp_path)
