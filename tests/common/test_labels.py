"""Which labels of learned views are probable, and which views stay."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common import labels as module
from common.gallery import Gallery
from common.labels import (
    MOST_VIEWS,
    TRUSTED,
    WRONG,
    LabelledViews,
    choose_views,
    label_probabilities,
)

Floats = NDArray[np.float32]
ARTICLES, SIZE = 6, 64


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def vary(rng: np.random.Generator, centre: Floats, count: int, spread: float) -> Floats:
    noise = rng.standard_normal((count, SIZE)).astype(np.float32) / np.sqrt(SIZE)
    return unit(centre + spread * noise)


class Shop:
    """Articles with a picture each; garments of them are seen from three sides."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        common = unit(self.rng.standard_normal(SIZE).astype(np.float32))
        self.centres = vary(self.rng, common, ARTICLES, 1.0)
        pictures = np.concatenate([vary(self.rng, c, 1, 0.7) for c in self.centres])
        names = tuple(f"A{n}" for n in range(ARTICLES))
        self.pictures = Gallery(pictures, names, ("top",) * ARTICLES)
        self.embeddings: list[Floats] = []
        self.skus: list[str] = []
        self.garments: list[int] = []

    def see(self, article: int, label: int | None = None) -> int:
        """Learn a garment of an article; returns its first view."""
        first = len(self.skus)
        seen = vary(self.rng, self.centres[article], 1, 0.4)
        self.embeddings += list(vary(self.rng, seen[0], 3, 0.2))
        self.skus += [f"A{article if label is None else label}"] * 3
        self.garments += [first + 1] * 3
        return first

    @property
    def views(self) -> LabelledViews:
        return LabelledViews(np.stack(self.embeddings), self.skus, np.array(self.garments))


def slow(pictures: Gallery, views: LabelledViews, garment: int) -> float:
    """The definition: the log ratio of the densities of the label and of the best other one."""
    rows = np.flatnonzero(views.garments == garment)
    names = list(dict.fromkeys([*pictures.skus, *views.skus]))
    logs = {}
    for sku in names:
        mean = []
        for row in rows:
            view = views.embeddings[row]
            shown = [p @ view for p, name in zip(pictures.embeddings, pictures.skus, strict=True)
                     if name == sku]  # fmt: skip
            density = np.exp((max(shown) - 1) / 0.1) if shown else 0.0
            for other in set(views.garments) - {garment}:
                theirs = np.flatnonzero(views.garments == other)
                if views.skus[theirs[0]] == sku:
                    density += np.exp(((views.embeddings[theirs] @ view).max() - 1) / 0.1)
            mean.append(np.log(density) if density else -np.inf)
        logs[sku] = float(np.mean(mean))
    label = views.skus[rows[0]]
    return logs.pop(label) - max(logs.values())


@pytest.mark.parametrize("batch", [4, 256])
def test_the_ratio_is_as_defined(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", batch)
    shop = Shop()
    for n in range(20):
        shop.see(n % 5, label=(n + 1) % 5 if n % 7 == 0 else None)
    order = shop.rng.permutation(len(shop.skus))  # views of a garment need not be neighbours
    views = LabelledViews(
        shop.views.embeddings[order],
        [shop.skus[n] for n in order],
        shop.views.garments[order],
    )
    found = label_probabilities(shop.pictures, views)
    for row, garment in enumerate(views.garments):
        ratio = slow(shop.pictures, views, int(garment))
        expected = 1 / (1 + np.exp(-(2.1 * ratio + 3.44)))
        assert found[row] == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_wrong_labels_are_doubtful_and_right_ones_are_not() -> None:
    shop = Shop(1)
    for _ in range(5):
        for article in range(ARTICLES):
            shop.see(article)
    wrong = [shop.see(article, label=(article + 1) % ARTICLES) for article in range(3)]
    found = label_probabilities(shop.pictures, shop.views)
    assert (found[wrong] < TRUSTED).all()
    right = np.setdiff1d(np.arange(len(found)), np.add.outer(wrong, range(3)))
    assert (found[right] >= TRUSTED).all()


def test_views_of_one_garment_do_not_vouch_for_each_other() -> None:
    shop = Shop(2)
    for _ in range(5):
        shop.see(0)
    row = shop.see(0, label=1)
    together = label_probabilities(shop.pictures, shop.views)[row]
    apart = LabelledViews(shop.views.embeddings, shop.skus, np.arange(len(shop.skus)))
    assert together < 0.1
    assert label_probabilities(shop.pictures, apart)[row] > together + 0.3


def test_other_garments_of_the_article_make_a_label_probable() -> None:
    shop = Shop(3)
    shop.pictures = Gallery(
        shop.pictures.embeddings[[1, 0, *range(2, ARTICLES)]],  # the picture shows another article
        shop.pictures.skus,
        shop.pictures.categories,
    )
    row = shop.see(0)
    alone = label_probabilities(shop.pictures, shop.views)[row]
    for _ in range(4):
        shop.see(0)
    assert alone < TRUSTED < label_probabilities(shop.pictures, shop.views)[row]


def test_without_anything_to_compare_a_label_is_believed() -> None:
    shop = Shop(4)
    shop.see(0)
    one = Gallery(shop.pictures.embeddings[:1], ("A0",), ("top",))
    assert label_probabilities(one, shop.views).tolist() == [1, 1, 1]
    none = Gallery(np.zeros((0, SIZE), np.float32), (), ())
    assert label_probabilities(none, shop.views).tolist() == [1, 1, 1]
    nothing = LabelledViews(np.zeros((0, SIZE), np.float32), [], np.zeros(0, np.int64))
    assert label_probabilities(shop.pictures, nothing).shape == (0,)


def test_a_few_views_of_each_article_stay_the_trusted_first() -> None:
    rng = np.random.default_rng(0)
    embeddings = unit(rng.standard_normal((40, SIZE)).astype(np.float32))
    skus = ["A0"] * 30 + ["A1"] * 10
    trust = np.full(40, 0.99)
    trust[:6] = WRONG / 2
    trust[6:20] = (WRONG + TRUSTED) / 2
    ranks = [0] * 40
    ranks[28:30] = [3, 3]
    chosen = choose_views(embeddings, skus, trust, ranks)
    assert [row for row in chosen if row >= 30] == list(range(30, 40))
    of_first = [row for row in chosen if row < 30]
    assert of_first == list(range(20, 30))  # ten trusted ones; a match's among them
    trust[20:30] = WRONG / 2
    assert set(choose_views(embeddings, skus, trust, ranks)[:MOST_VIEWS]) < set(range(6, 20))
