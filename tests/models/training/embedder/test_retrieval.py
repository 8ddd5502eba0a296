"""Retrieval figures and certainty on vectors whose right answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.manifest import Certainty
from models.matching import Evidence, Indexed, chance, directions
from models.training.data import Article
from models.training.embedder.calibration import acceptance, fit_certainty, kind_right
from models.training.embedder.retrieval import Answers, Track, ask, by_visibility, figures

NO_CELLS = np.zeros((6, 0, 0), np.float32)
GARMENTS = ("top", "dress", "coat")


def shop(count: int) -> list[Article]:
    return [Article(f"A{n}", f"S{n // 2}", GARMENTS[n % 3], Path(f"{n}.jpg")) for n in range(count)]


def unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def film(noise: float, count: int = 240, seed: int = 0) -> tuple[list[Track], Indexed]:
    """Make tracks that show the next kind of garment rather than theirs, and the gallery."""
    rng = np.random.default_rng(seed)
    gallery = unit(rng.standard_normal((count, 24)))
    # the worse a garment is to be seen, the less its views look like it
    blur = rng.uniform(0.1, 1, count) * noise
    tracks = [
        Track(article, unit(vector + level * rng.standard_normal((6, 24))),
              NO_CELLS, np.full(6, 0.95, np.float32),
              {article.category: 0.4, GARMENTS[(n + 1) % 3]: 0.6})
        for n, (article, vector, level) in enumerate(zip(shop(count), gallery, blur, strict=True))
    ]  # fmt: skip
    return tracks, Indexed(gallery, np.zeros((count, 0, 0), np.int8))


def answers(noise: float, count: int = 240, seed: int = 0, size: int | None = None) -> Answers:
    tracks, gallery = film(noise, count, seed)
    return ask(tracks, gallery, shop(count), size=size)


def shops(noise: float) -> dict[str, Answers]:
    return {str(size): answers(noise, size=size) for size in (12, 60, 240)}


def test_clear_views_find_their_article_in_galleries_of_every_size() -> None:
    report = figures(answers(noise=0.02))
    assert report["240"]["top1"] == report["100"]["top1"] == report["240"]["map"] == 1
    assert report["colourway_right_when_style_is"] == 1


def test_a_smaller_gallery_is_easier() -> None:
    report = figures(answers(noise=1.4))
    assert 0.05 < report["240"]["top1"] < report["100"]["top1"] < 1
    assert report["240"]["top1"] <= report["240"]["top5"] <= report["240"]["top10"]


def test_the_best_candidate_tells_the_kind_where_it_is_likely_right() -> None:
    tracks, gallery = film(noise=0.02)
    clear = ask(tracks, gallery, shop(240))
    share = kind_right([clear], tracks)
    assert share["by_views"] == 0
    # What the shop does not have, one in five, is as wrong as its views.
    assert 0.75 < share["with_candidate"] < 0.85


def test_cells_tell_articles_apart_whose_vectors_are_alike() -> None:
    rng = np.random.default_rng(3)
    tracks, gallery = film(noise=3.0)
    cells = unit(rng.standard_normal((240, 5, 8)))
    tracks = [
        replace(track, cells=np.repeat(cells[[row, row]] / 5, 3, axis=0))
        for row, track in enumerate(tracks)
    ]
    told = ask(tracks, Indexed(gallery.vector, directions(cells)), shop(240))
    plain = answers(noise=3.0)
    among = (plain.rank() < 20).mean()  # only these are looked at part by part
    assert (plain.rank() == 0).mean() < 0.6 * among
    assert (told.rank() == 0).mean() > 0.95 * among
    assert (told.best_unknown != told.truth).all()


def test_visibility_parts_the_queries() -> None:
    found = answers(noise=0.02)
    visible = np.full(240, 0.95, np.float32)
    visible[:40] = 0.3
    report = by_visibility(found, visible)
    assert [report[name]["queries"] for name in report] == [40, 0, 200]
    assert report["half to most"]["top1"] is None


def test_without_the_right_article_another_one_is_best() -> None:
    found = answers(noise=0.02)
    assert (found.best == found.truth).all()
    assert (found.best_unknown != found.truth).all()
    assert (found.unknown[:, 0] < found.known[:, 0]).all()


def test_a_small_shop_has_the_right_article_and_is_asked_without_it() -> None:
    found = answers(noise=0.02, size=12)
    assert (found.best == found.truth).all()
    assert (found.best_unknown != found.truth).all()
    assert ((found.scores > -1).sum(1) == 12).all()
    assert (found.rank() == 0).all()


@pytest.mark.parametrize("precision", [0.8, 0.97])
def test_what_is_accepted_is_about_as_right_as_asked(precision: float) -> None:
    report = acceptance({"240": answers(noise=1.0)}, precision)["240"]
    assert report["accepted"] > 3 * report["accepted_of_unknown"]
    assert report["right_of_accepted"] == pytest.approx(precision, abs=0.08)


def test_a_small_shop_is_told_as_rightly_as_a_large_one() -> None:
    report = acceptance(shops(noise=1.0), 0.9)
    assert list(report) == ["12", "60", "240"]
    for told in report.values():
        assert told["right_of_accepted"] == pytest.approx(0.9, abs=0.06)
    assert report["12"]["accepted"] > report["240"]["accepted"]


def test_a_fit_in_a_large_shop_alone_is_too_sure_in_a_small_one() -> None:
    small = answers(noise=1.0, size=12)

    def unknown_named(fitted: Certainty) -> float:
        names = small.categories[small.best_unknown]
        chances = [
            chance(Evidence(*row), str(name), fitted)
            for row, name in zip(small.unknown, names, strict=True)
        ]
        return float((np.array(chances) >= fitted.floor).mean())

    alone = fit_certainty([answers(noise=1.0)], 0.9)
    together = fit_certainty(list(shops(noise=1.0).values()), 0.9)
    assert unknown_named(together) < 0.7 * unknown_named(alone)


def test_a_stricter_floor_accepts_less() -> None:
    found = [answers(noise=1.0)]
    assert fit_certainty(found, 0.97).floor > fit_certainty(found, 0.8).floor


def test_certainty_tells_right_from_wrong() -> None:
    found = answers(noise=1.0)
    certainty = fit_certainty([found], 0.9)

    def mean(rows: np.ndarray) -> float:
        return float(np.mean([chance(Evidence(*row), "top", certainty) for row in rows]))

    assert mean(found.known) > mean(found.unknown) + 0.3


def test_when_nothing_is_right_nothing_is_accepted() -> None:
    found = answers(noise=60.0)
    accepted = acceptance({"240": found}, 0.97)["240"]["accepted"]
    assert fit_certainty([found], 0.97).floor > 0.9 or accepted < 0.1
