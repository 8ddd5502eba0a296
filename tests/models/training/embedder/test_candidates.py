from __future__ import annotations

from pathlib import Path

import numpy as np

from models.manifest import MatchCalibration
from models.matching import GalleryFeatures
from models.training.data import Article
from models.training.embedder.candidates import evaluate_candidates
from models.training.embedder.retrieval import Track

REJECT_ALL = MatchCalibration(
    weights=(0, 0, 0, 0), intercept=-30, category_offsets={}, threshold=1.0
)


def test_both_rankings_are_evaluated_on_the_same_tracks() -> None:
    # Hats and tops alternate, all very similar; the views show a top that is the fifth nearest.
    articles = [
        Article(f"A{n}", f"S{n}", "top" if n % 2 == 0 else "hat", Path(f"{n}.jpg"))
        for n in range(10)
    ]
    angles = np.linspace(0, 0.1, 10)
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    gallery = GalleryFeatures(vectors, np.zeros((10, 0, 0), np.int8))
    views = np.array([[1, 0]], np.float32)
    cells, visible = np.zeros((1, 0, 0), np.float32), np.ones(1, np.float32)
    track = Track(articles[4], views, cells, visible, {"top": 0.9, "hat": 0.1})
    assert evaluate_candidates([track], gallery, articles, REJECT_ALL) == {
        "by_similarity": {"same_category": 0.5, "recall": 0.0},
        "with_category": {"same_category": 1.0, "recall": 1.0},
    }
