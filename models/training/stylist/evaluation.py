"""How well outfits are told: fill in the blank, swapped outfits, and three controls.

A question leaves one article out of a look that nobody learned from and offers it among
three others of its family that are about as popular, so knowing what is worn everywhere
answers one in four (after Han et al., "Learning fashion compatibility with bidirectional
LSTMs", ACM MM 2017, whose wrong answers a popularity guess tells apart).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.stylist import Assortment, Shop, Stylist
from models.stylist.shop import score_beside, score_pieces
from models.training.stylist.looks import Collection, Look

_CHOICES: Final = 4
#: Wrong answers are worn this much more or less often than the right one, at most.
_AS_POPULAR: Final = 0.15

#: Scores candidates (rows) beside a context (rows).
Score = Callable[[Sequence[int], Sequence[int]], Sequence[float] | NDArray[Any]]


@dataclass(frozen=True)
class Question:
    """What goes with `context`: the first of `choices`, or another one?

    `cold` means that no colourway of any choice's style was in a look that was learned from.
    """

    context: tuple[int, ...]
    choices: tuple[int, ...]
    cold: bool


class _Asker:
    """Knows which wrong answers are fair."""

    def __init__(
        self, collection: Collection, learned: Sequence[Look], measured: Sequence[Look], seed: int
    ) -> None:
        self.collection = collection
        self.popular = Counter(row for look in learned for row in look)
        self.styled = {collection.styles[row] for row in self.popular}
        self.together: dict[int, set[int]] = defaultdict(set)
        for look in (*learned, *measured):
            for row in look:
                self.together[row].update(look)
        self.families: dict[str, list[int]] = defaultdict(list)
        for row in sorted(self.together):
            self.families[collection.families[row]].append(row)
        self.rng = np.random.default_rng(seed)

    def is_cold(self, row: int) -> bool:
        return self.collection.styles[row] not in self.styled

    def ask(self, look: Look, answer: int) -> Question | None:
        cold, worn = self.is_cold(answer), self.popular[answer]
        if not cold and not worn:
            return None  # another colourway was seen: neither one nor the other
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


def ask_questions(
    collection: Collection, learned: Sequence[Look], measured: Sequence[Look], seed: int = 3
) -> list[Question]:
    """Leave every article out of every measured look of three and more.

    Args:
        collection: The articles.
        learned: Looks that were learned from.
        measured: Looks that were not.
        seed: Of the wrong answers.
    """
    asker = _Asker(collection, learned, measured, seed)
    looks = [look for look in dict.fromkeys(measured) if len(look) >= 3]
    asked = (asker.ask(look, row) for look in looks for row in look)
    return [question for question in asked if question is not None]


def share_right(questions: Sequence[Question], score: Score) -> dict[str, float]:
    """Answer the questions; returns the share of right ones, seen and cold.

    A tie counts as guessed among those that tie.
    """
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


def controls(collection: Collection, learned: Sequence[Look]) -> dict[str, Score]:
    """Build what the stylist has to beat: popularity and two ways to count what met."""
    popular = Counter(row for look in learned for row in look)
    met: Counter[tuple[int, int]] = Counter()
    kinds_met: Counter[tuple[Any, Any]] = Counter()
    kinds = _kinds(collection)
    for look in learned:
        for one in look:
            for other in look:
                if one != other:
                    met[one, other] += 1
                    kinds_met[kinds[one], kinds[other]] += 1
    return {
        "popularity": lambda _, choices: [popular[c] for c in choices],
        "co-occurrence": lambda worn, choices: [sum(met[c, w] for w in worn) for c in choices],
        "category and colour": lambda worn, choices: [
            sum(np.log1p(kinds_met[kinds[c], kinds[w]]) for w in worn) for c in choices
        ],
    }


def _kinds(collection: Collection) -> list[tuple[str, int, int, int]]:
    """Name each article by category and a coarse box of colour."""
    return [
        (category, int(light // 25), int((a + 128) // 20), int((b + 128) // 20))
        for category, (light, a, b) in zip(collection.categories, collection.colours, strict=True)
    ]


class Judge:
    """Scores articles and whole outfits of a collection with a stylist."""

    def __init__(
        self, stylist: Stylist, collection: Collection, looks: Sequence[Look] = ()
    ) -> None:
        """Encode the collection; `looks` are those the shop knows."""
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
        """Score choices beside a context."""
        return score_beside(self.shop, context, choices)

    def pieces(self, looks: Sequence[Look]) -> list[NDArray[np.float32]]:
        """Score every article of outfits beside the others."""
        return score_pieces(self.shop, looks)


def swapped(
    collection: Collection, looks: Sequence[Look], share: float = 0.5, seed: int = 5
) -> list[Look]:
    """Swap a share of every look's articles against others of their families that are in a look."""
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
    """Compute how often a real one scores above a made one (area under the ROC curve)."""
    order = np.argsort(np.concatenate([made, real]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    above = ranks[len(made) :].sum() - len(real) * (len(real) + 1) / 2
    return float(above / (len(real) * len(made)))


def report_outfits(
    stylist: Stylist, collection: Collection, learned: Sequence[Look], measured: Sequence[Look]
) -> dict[str, Any]:
    """Tell how well a stylist tells outfits it never saw.

    Args:
        stylist: Trained on `learned` alone.
        collection: The articles.
        learned: Looks it was trained on; the shop knows them.
        measured: Looks it was not trained on.
    """
    questions = ask_questions(collection, learned, measured)
    judge, alone = Judge(stylist, collection, learned), Judge(stylist, collection)
    looks = [look for look in dict.fromkeys(measured) if len(look) >= 3]
    real = _weakest(judge, looks)
    cold = sum(question.cold for question in questions)
    return {
        "looks": {"learned": len(learned), "measured": len(looks)},
        "questions": {"seen": len(questions) - cold, "cold": cold},
        "fill in the blank": {
            "stylist": share_right(questions, judge.score),
            "stylist without the shop's looks": share_right(questions, alone.score),
            **{
                name: share_right(questions, score)
                for name, score in controls(collection, learned).items()
            },
        },
        "auc against swapped": {
            name: round(
                area_under_curve(real, _weakest(judge, swapped(collection, looks, share))), 4
            )
            for name, share in (("one article", 0.01), ("half", 0.5), ("all", 1.0))
        },
    }


def _weakest(judge: Judge, looks: Sequence[Look]) -> NDArray[np.float64]:
    """Judge outfits by the article that fits least."""
    return np.array([float(scores.min()) for scores in judge.pieces(looks)])


def fit_threshold(judge: Judge, looks: Sequence[Look], share: float = 0.05) -> float:
    """Find the score below which this share of stylists' own choices lies."""
    scores = np.concatenate(judge.pieces([look for look in looks if len(look) >= 3]))
    return round(float(np.quantile(scores, share)), 3)
