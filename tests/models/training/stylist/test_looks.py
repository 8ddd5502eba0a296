from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.manifest import load_manifest
from models.stylist import Stylist
from models.stylist.features import VECTOR
from models.training.stylist.evaluation import (
    OutfitScorer,
    answer_accuracy,
    area_under_curve,
    build_questions,
    controls,
    swapped,
)
from models.training.stylist.looks import Collection, families_of_looks, read_looks, split_looks
from models.training.stylist.trainer import StylistRecipe
from models.training.stylist.workflow import train_and_evaluate

TASTES = 4


def random_looks(count: int = 240) -> tuple[Collection, list[tuple[int, ...]]]:
    """Articles of four tastes, and looks that keep to one of them."""
    rng = np.random.default_rng(0)
    kinds = ("top", "skirt", "shoes", "bag")
    taste = rng.integers(0, TASTES, count)
    centres = rng.standard_normal((TASTES, VECTOR))
    vectors = centres[taste] + 0.5 * rng.standard_normal((count, VECTOR))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    collection = Collection(
        tuple(f"s{n}" for n in range(count)),
        tuple(f"style{n}" for n in range(count)),
        tuple(kinds[n % 4] for n in range(count)),
        tuple(kinds[n % 4] for n in range(count)),
        vectors.astype(np.float32),
        np.full((count, 3), 50, np.float32),
        load_manifest().embedder.model,
    )
    looks = []
    for _ in range(400):
        mine = int(rng.integers(TASTES))
        places = [[n for n in range(k, count, 4) if taste[n] == mine] for k in range(4)]
        looks.append(tuple(int(rng.choice(some)) for some in places))
    return collection, looks


def test_a_stylist_learns_taste_and_beats_every_control(tmp_path: Path) -> None:
    collection, looks = random_looks()
    recipe = StylistRecipe(epochs=4, batch=128, negatives=200)
    report = train_and_evaluate(collection, looks, recipe, tmp_path / "run")
    told = report["fill in the blank"]
    assert told["stylist"]["seen"] > 0.6
    assert told["stylist"]["seen"] > max(
        told[name]["seen"] for name in ("popularity", "co-occurrence", "category and colour")
    )
    assert report["auc against swapped"]["half"] > 0.8
    assert json.loads((tmp_path / "run" / "figures.json").read_text()) == report
    # What was exported can be opened and is sure of a taste it never counted together.
    judge = OutfitScorer(Stylist(tmp_path / "run"), collection, looks)
    assert judge.score(looks[0][:1], [looks[0][1]]).shape == (1,)


def test_a_popularity_guess_answers_one_in_four() -> None:
    collection, looks = random_looks()
    questions = build_questions(collection, looks[:300], looks[300:])
    assert len(questions) > 100
    popular = controls(collection, looks[:300])["popularity"]
    assert answer_accuracy(questions, popular)["seen"] == pytest.approx(0.25, abs=0.08)


def test_questions_offer_four_of_a_family_that_never_met_the_context() -> None:
    collection, looks = random_looks()
    together = {(a, b) for look in looks for a in look for b in look}
    for question in build_questions(collection, looks[:300], looks[300:]):
        assert len({collection.families[row] for row in question.choices}) == 1
        assert len(set(question.choices)) == 4
        wrong = question.choices[1:]
        assert not any((row, other) in together for row in wrong for other in question.context)


def test_near_duplicates_stay_on_one_side() -> None:
    looks = [(0, 1, 2, 3), (0, 1, 2, 9), (4, 5, 6), (7, 8), (0, 1, 9, 11)]
    families = families_of_looks(looks)
    assert families[0] == families[1] == families[4]
    assert len({families[0], families[2], families[3]}) == 3
    collection, many = random_looks()
    learned, measured = split_looks(many, collection.skus)
    sides = dict.fromkeys(learned, 0) | dict.fromkeys(measured, 1)
    for look, family in zip(many, families_of_looks(many), strict=True):
        assert sides[look] == sides[many[family]]
    assert 0.05 < len(measured) / len(many) < 0.35


def test_swapping_changes_articles_within_their_family() -> None:
    collection, looks = random_looks()
    for look, changed in zip(looks, swapped(collection, looks), strict=True):
        assert look != changed
        names = collection.families
        assert [names[row] for row in look] == [names[row] for row in changed]


def test_area_under_the_curve() -> None:
    assert area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert area_under_curve(np.array([0.0, 2.0]), np.array([1.0])) == 0.5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"outfit,article\n1,a\n", "lacks the column 'sku'"),
        (b"outfit,sku\n1,a\n1,b\n", "training needs 20"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_looks_that_cannot_be_used_are_one_clear_error(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "looks.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        read_looks(path, {"a": 0, "b": 1})
