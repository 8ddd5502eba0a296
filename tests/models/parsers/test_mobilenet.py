"""The shipped parser on drawn pictures, and weights that do not fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.manifest import WEIGHTS
from models.parsers import mobilenet
from models.parsers.garment import find_article
from models.parsers.mobilenet import MobileNetParser
from models.parsers.protocol import CLASSES, PictureKind
from models.parsers.registry import PARSERS, open_parser
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment, packshot_of


@pytest.mark.integration
def test_drawn_packshots_are_left_as_they_are() -> None:
    parser, rng = open_parser(), np.random.default_rng(4)
    for _ in range(12):
        design = random_design(rng)
        shot = packshot_of(draw_garment(design), 240, 320)
        assert find_article(parser, shot, design.category).kind is PictureKind.PACKSHOT


def test_probabilities_sum_to_one() -> None:
    parsed = open_parser().parse([np.full((90, 40, 3), 255, np.uint8)] * 2)
    assert parsed.pixels.shape[:2] == (2, len(CLASSES))
    np.testing.assert_allclose(parsed.pixels.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(parsed.picture.sum(1), 1, atol=1e-5)


def test_a_category_that_the_weights_do_not_know_is_seen_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (90, 40, 3), np.uint8)
    before = open_parser().parse([picture]).pixels
    monkeypatch.setattr(mobilenet, "CLASSES", (*CLASSES[:5], "swimwear", *CLASSES[5:]))
    after = open_parser().parse([picture]).pixels
    assert not after[:, 5].any()
    assert (np.delete(after, 5, axis=1) == before).all()


def test_the_default_is_registered() -> None:
    assert PARSERS.names() == ["mobilenet"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest.pop("parser"), "names no parser"),
        (lambda manifest: manifest["parser"]["classes"].pop(), "other classes or kinds"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    manifest = json.loads((WEIGHTS / "manifest.json").read_text())
    change(manifest)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    shutil.copy(WEIGHTS / "parser.onnx", tmp_path)
    with pytest.raises(ModelError, match=message):
        MobileNetParser(tmp_path).parse([np.zeros((40, 30, 3), np.uint8)])


def test_the_network_is_loaded_for_the_first_picture(tmp_path: Path) -> None:
    shutil.copy(WEIGHTS / "manifest.json", tmp_path)
    parser = MobileNetParser(tmp_path)
    assert parser.model == open_parser().model
    with pytest.raises(ModelError, match="cannot be read"):
        parser.parse([np.zeros((40, 30, 3), np.uint8)])
