"""Evaluate outfits: fill in the blank, compatibility AUC, and three baselines.

A question leaves one article out of a validation look and offers it among three others of its
family with similar popularity, so that popularity alone answers one in four (after Han et al.,
"Learning fashion compatibility with bidirectional LSTMs", ACM MM 2017, whose negatives can be
recognised by their popularity).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.stylist import Assortment, Shop, Stylist
from models.stylist.shop import score_in_context, score_outfits
from models.training.stylist.looks import Collection, Look

_CHOICES: Final = 4
#: Maximum relative difference in popularity between a negative and the answer.
_AS_POPULAR: Final = 0.15

#: Scores candidates (rows) in a context (rows).
Score = Callable[[Sequence[int], Sequence[int]], Sequence[float] | NDArray[Any]]


@dataclass(frozen=True)
class Question:
    """Which of `choices` completes `context`? The first one is the answer.

    `cold` means that no colourway of any choice's style is in a training look.
    """

    context: tuple[int, ...]
    choices: tuple[int, ...]
    cold: bool


class _QuestionBuilder:
    """Builds questions with negatives of similar popularity."""

    def __init__(
        self,
        collection: Collection,
        train_looks: Sequence[Look],
        validation_looks: Sequence[Look],
        seed: int,
    ) -> None:
        self.collection = collection
        self.popular = Counter(row for look in train_looks for row in look)
        self.styled = {collection.styles[row] for row in self.popular}
        self.together: dict[int, set[int]] = defaultdict(set)
        for look in (*train_looks, *validation_looks):
            for row in look:
                self.together[row].update(look)
        self.families: dict[str, list[int]] = defaultdict(list)
        for row in sorted(self.together):
            self.families[collection.families[row]].append(row)
        self.rng = np.random.default_rng(seed)

    def is_cold(self, row: int) -> bool:
        return self.collection.styles[row] not in self.styled

    def build(self, look: Look, answer: int) -> Question | None:
        cold, worn = self.is_cold(answer), self.popular[answer]
        if not cold and not worn:
            return None  # another colourway is in a training look: neither cold nor seen
        context = tuple(row for row in look if row != answer)
        styles = self.collection.styles
        fair = [
            row
            for row in self.families[self.collection.families[answer]]
            if styles[row] != styles[answer]
            and (self.is_cold(row) if cold else self.popular[row])
            and abs(self.popular[row] - worn) <= _AS_POPULAR * worn
            and not any(row in self.together[other] for other in context)
        ]
        if len(fair) < _CHOICES - 1:
            return None
        wrong = self.rng.choice(fair, _CHOICES - 1, replace=False)
        return Question(context, (answer, *(int(row) for row in wrong)), cold)


def build_questions(
    collection: Collection,
    train_looks: Sequence[Look],
    validation_looks: Sequence[Look],
    seed: int = 3,
) -> list[Question]:
    """Build a question for every article of every validation look of three and more.

    Args:
        collection: The articles.
        train_looks: Training looks.
        validation_looks: Validation looks.
        seed: Of the negatives.
    """
    builder = _QuestionBuilder(collection, train_looks, validation_looks, seed)
    looks = [look for look in dict.fromkeys(validation_looks) if len(look) >= 3]
    questions = (builder.build(look, row) for look in looks for row in look)
    return [question for question in questions if question is not None]


def answer_accuracy(questions: Sequence[Question], score: Score) -> dict[str, float]:
    """Compute the accuracy on seen and on cold questions; ties count as random guesses."""
    right: dict[bool, list[float]] = {True: [], False: []}
    for question in questions:
        scores = np.asarray(score(question.context, question.choices), float)
        best = scores >= scores.max() - 1e-12
        right[question.cold].append(float(best[0] / best.sum()))
    return {
        name: round(float(np.mean(right[cold])), 4)
        for name, cold in (("seen", False), ("cold", True))
        if right[cold]
    }


def controls(collection: Collection, train_looks: Sequence[Look]) -> dict[str, Score]:
    """Build the baselines: popularity, co-occurrence of articles, of category and colour."""
    popular = Counter(row for look in train_looks for row in look)
    met: Counter[tuple[int, int]] = Counter()
    attribute_counts: Counter[tuple[Any, Any]] = Counter()
    attributes = _attributes(collection)
    for look in train_looks:
        for one in look:
            for other in look:
                if one != other:
                    met[one, other] += 1
                    attribute_counts[attributes[one], attributes[other]] += 1
    return {
        "popularity": lambda _, choices: [popular[c] for c in choices],
        "co-occurrence": lambda worn, choices: [sum(met[c, w] for w in worn) for c in choices],
        "category and colour": lambda worn, choices: [
            sum(np.log1p(attribute_counts[attributes[c], attributes[w]]) for w in worn)
            for c in choices
        ],
    }


def _attributes(collection: Collection) -> list[tuple[str, int, int, int]]:
    """Return each article's category with its colour, quantized coarsely."""
    return [
        (category, int(light // 25), int((a + 128) // 20), int((b + 128) // 20))
        for category, (light, a, b) in zip(collection.categories, collection.colours, strict=True)
    ]


class OutfitScorer:
    """Scores articles and whole outfits of a collection with a stylist."""

    def __init__(
        self, stylist: Stylist, collection: Collection, looks: Sequence[Look] = ()
    ) -> None:
        """Encode the collection; `looks` are the shop's own."""
        count = len(collection.skus)
        self.shop = Shop(
            stylist,
            Assortment(
                keys=np.arange(count),
                styles=collection.styles,
                categories=collection.categories,
                vectors=collection.vectors,
                colours=collection.colours,
                prices=np.full(count, np.nan, np.float32),
                audiences=("",) * count,
                looks=tuple(looks),
            ),
        )

    def score(self, context: Sequence[int], choices: Sequence[int]) -> NDArray[np.float32]:
        """Score choices in a context."""
        return score_in_context(self.shop, context, choices)

    def pieces(self, looks: Sequence[Look]) -> list[NDArray[np.float32]]:
        """Score every article of each outfit in the context of the others."""
        return score_outfits(self.shop, looks)


def swapped(
    collection: Collection, looks: Sequence[Look], share: float = 0.5, seed: int = 5
) -> list[Look]:
    """Replace a share of each look's articles by others of their families in some look."""
    rng = np.random.default_rng(seed)
    families: dict[str, list[int]] = defaultdict(list)
    for row in sorted({row for look in looks for row in look}):
        families[collection.families[row]].append(row)
    made = []
    for look in looks:
        changed = list(look)
        for place in rng.permutation(len(look))[: max(1, int(share * len(look)))]:
            choices = [r for r in families[collection.families[look[place]]] if r not in changed]
            if choices:
                changed[place] = int(rng.choice(choices))
        if tuple(changed) != look:
            made.append(tuple(changed))
    return made


def area_under_curve(real: NDArray[Any], made: NDArray[Any]) -> float:
    """Compute the area under the ROC curve of real against swapped looks."""
    order = np.argsort(np.concatenate([made, real]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    above = ranks[len(made) :].sum() - len(real) * (len(real) + 1) / 2
    return float(above / (len(real) * len(made)))


def evaluate_outfits(
    stylist: Stylist,
    collection: Collection,
    train_looks: Sequence[Look],
    validation_looks: Sequence[Look],
) -> dict[str, Any]:
    """Evaluate a stylist on looks that it was not trained on.

    Args:
        stylist: Trained on `train_looks` only.
        collection: The articles.
        train_looks: Training looks, which are the shop's looks too.
        validation_looks: Validation looks.
    """
    questions = build_questions(collection, train_looks, validation_looks)
    scorer, without_looks = (
        OutfitScorer(stylist, collection, train_looks),
        OutfitScorer(stylist, collection),
    )
    looks = [look for look in dict.fromkeys(validation_looks) if len(look) >= 3]
    real = _weakest(scorer, looks)
    cold = sum(question.cold for question in questions)
    return {
        "looks": {"learned": len(train_looks), "measured": len(looks)},
        "questions": {"seen": len(questions) - cold, "cold": cold},
        "fill in the blank": {
            "stylist": answer_accuracy(questions, scorer.score),
            "stylist without the shop's looks": answer_accuracy(questions, without_looks.score),
            **{
                name: answer_accuracy(questions, score)
                for name, score in controls(collection, train_looks).items()
            },
        },
        "auc against swapped": {
            name: round(
                area_under_curve(real, _weakest(scorer, swapped(collection, looks, share))), 4
            )
            for name, share in (("one article", 0.01), ("half", 0.5), ("all", 1.0))
        },
    }


def _weakest(scorer: OutfitScorer, looks: Sequence[Look]) -> NDArray[np.float64]:
    """Compute the minimum score of each look's articles."""
    return np.array([float(scores.min()) for scores in scorer.pieces(looks)])


def fit_threshold(scorer: OutfitScorer, looks: Sequence[Look], share: float = 0.05) -> float:
    """Fit the threshold below which this share of the stylists' own choices lies."""
    scores = np.concatenate(scorer.pieces([look for look in looks if len(look) >= 3]))
    return round(float(np.quantile(scores, share)), 3)
