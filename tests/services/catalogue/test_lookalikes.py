"""Articles of a shop that look alike to its cameras."""

from __future__ import annotations

import numpy as np
import pytest

from common.gallery import Gallery
from models.errors import ModelError
from models.manifest import MatchCalibration
from services.catalogue.lookalikes import Lookalikes, find_lookalikes

FITTED = MatchCalibration(
    weights=(0, 0, 0, 0), intercept=0, category_offsets={}, threshold=1, lookalike=0.9
)
SKUS = ("black-1", "black-1", "red", "black-2", "ring-1", "ring-2")
EMBEDDINGS = np.eye(3, dtype=np.float32)[[0, 0, 1, 0, 2, 2]]


def test_garments_that_resemble_each_other_are_a_group() -> None:
    categories = ("trousers", "trousers", "trousers", "jeans", "accessory", "accessory")
    gallery = Gallery(EMBEDDINGS, SKUS, categories)
    assert find_lookalikes(gallery, FITTED) == [Lookalikes("trousers", ("black-1", "black-2"))]


def test_a_shop_without_garments_has_none() -> None:
    assert find_lookalikes(Gallery(EMBEDDINGS, SKUS, ("accessory",) * 6), FITTED) == []


def test_weights_without_the_measurement_are_refused() -> None:
    unfitted = FITTED.model_copy(update={"lookalike": None})
    with pytest.raises(ModelError, match="embedder.calibration.lookalike is missing"):
        find_lookalikes(Gallery(EMBEDDINGS, SKUS, ("top",) * 6), unfitted)
