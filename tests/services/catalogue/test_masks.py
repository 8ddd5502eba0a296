"""Masks of worn articles wait on disk between two steps of an import."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.catalogue.masks import MaskFolder
from store import StoreError

MASK = np.arange(64 * 48, dtype=np.uint16).reshape(64, 48).astype(np.uint8)


def test_a_mask_is_there_until_the_import_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with MaskFolder() as masks:
        masks.save(7, MASK)
        loaded = masks.load(7)
        assert loaded is not None
        np.testing.assert_array_equal(loaded, MASK)
        assert masks.load(8) is None
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_mask_that_cannot_be_written_ends_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with MaskFolder() as masks:
        [folder] = tmp_path.iterdir()
        folder.rename(tmp_path / "gone")
        with pytest.raises(StoreError, match="TMPDIR"):
            masks.save(7, MASK)
        (tmp_path / "gone").rename(folder)
