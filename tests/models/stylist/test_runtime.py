"""The exported stylist: what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.manifest import WEIGHTS, load_manifest
from models.stylist import Stylist, features
from models.stylist.features import VECTOR, WIDTH
from models.stylist.runtime import WANTED_PARTS
from models.taxonomy import CATEGORIES

STYLIST = load_manifest().stylist
assert STYLIST is not None
#: The categories that the installed weights know, and how many numbers they take for an article.
KNOWN = STYLIST.categories
TAKEN = len(features.columns_for(KNOWN))


def copy_weights(folder: Path, **changes: object) -> Path:
    """Copy the installed stylist, and change its entry in the manifest."""
    manifest = json.loads((WEIGHTS / "manifest.json").read_text())
    manifest["stylist"] |= changes
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for name in ("stylist-items.onnx", "stylist-query.onnx"):
        shutil.copy(WEIGHTS / name, folder)
    return folder


def rows_of(*categories: str) -> np.ndarray:
    """Features of articles that differ by their category alone."""
    vectors = np.tile(np.eye(1, VECTOR, dtype=np.float32), (len(categories), 1))
    return features.build_features(vectors, np.full((len(categories), 3), 50.0), categories)


def test_a_category_is_known_by_its_name_and_not_by_its_row(tmp_path: Path) -> None:
    turned = copy_weights(tmp_path, categories=KNOWN[::-1])
    ours, theirs = (Stylist(folder).encode(rows_of(*KNOWN))[1] for folder in (WEIGHTS, turned))
    assert np.allclose(ours, theirs[::-1], atol=1e-5)
    assert not np.allclose(ours, theirs, atol=1e-2)


def test_a_category_that_the_weights_do_not_know_is_encoded_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = rows_of("top")
    expected[:, VECTOR + 4 :][:, : len(CATEGORIES)] = 0
    without = Stylist().encode(expected)[1]
    for module, name, value in (
        (features, "CATEGORIES", (*CATEGORIES[:11], "swimwear", *CATEGORIES[11:])),
        (features, "WIDTH", WIDTH + 1),
        (features, "_CONTEXT", features._CONTEXT + 1),
    ):
        monkeypatch.setattr(module, name, value)
    _, (found, shoes) = Stylist().encode(rows_of("swimwear", "shoes"))
    assert np.allclose(found, without[0], atol=1e-5)
    monkeypatch.undo()
    assert np.allclose(shoes, Stylist().encode(rows_of("shoes"))[1][0], atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"categories": KNOWN[:-1]}, f"takes {TAKEN} numbers.*has {TAKEN - 1}.*train stylist"),
        ({"categories": (*KNOWN[:-1], "frock")}, "other categories or parts.*train stylist"),
        ({"parts": WANTED_PARTS[1:]}, "other categories or parts.*train stylist"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        Stylist(copy_weights(tmp_path, **changes))
