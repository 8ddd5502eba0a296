"""A ranking that learns from what shoppers do with it.

Linear Thompson sampling (Agrawal and Goyal, "Thompson sampling for contextual bandits with
linear payoffs", ICML 2013) under the position-based model: whether somebody reacts is the
chance that she looked at that position times how much she likes what is there (Lagrée et
al., "Multiple-play bandits in the position-based model", NeurIPS 2016). Each visit draws one
opinion from what is known and ranks by it, so what is uncertain gets its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.stylist.outfit import Outfit
from models.stylist.shop import Shop

Doubles = NDArray[np.float64]

#: Directions of taste that the look of an outfit is told by.
_TASTES: Final = 12
_PLAIN: Final = 7
#: Numbers that describe an outfit to the ranking.
FEATURES: Final = _PLAIN + _TASTES
#: How likely somebody looks at a position before anything was measured: 1 / (n + 1) ** this.
_FALL: Final = 0.5
#: Weight of that guess, in times a position was shown.
_TRUST: Final = 200.0
#: What is believed before anybody reacted: one in five reacts to an outfit looked at, and the
#: stylist's score counts this much more; and how sure that is.
_USUAL: Final = 0.2
_SCORE: Final = 0.05
_SPREAD: Final = 0.05
#: Variance of a single reaction.
_NOISE: Final = 0.16
_DRAWS: Final = 64


def describe_outfits(shop: Shop, outfits: Sequence[Outfit]) -> Doubles:
    """Describe outfits of one list to the ranking; N×FEATURES.

    The stylist's score is told relative to the list, the look by fixed random directions in
    the space of the stylist's answers.
    """
    if not outfits:
        return np.zeros((0, FEATURES))
    scores = np.array([outfit.score for outfit in outfits])
    tiers = np.array([shop.tiers[list(o.pieces)].mean() for o in outfits], float)
    told = np.stack([shop.answers[list(o.pieces)].mean(0) for o in outfits]).astype(float)
    plain = [
        np.ones(len(outfits)),
        (scores - scores.mean()) / max(float(scores.std()), 1e-6),
        np.array([outfit.source == "look" for outfit in outfits], float),
        np.array([outfit.source == "kept" for outfit in outfits], float),
        np.array([len(outfit.carried) > 1 for outfit in outfits], float),
        np.clip(tiers, -1, 1),
        np.array([len(outfit.pieces) for outfit in outfits]) / 5 - 1,
    ]
    tastes = told @ _directions(told.shape[1])
    return np.column_stack([*plain, tastes])


def _directions(dimensions: int) -> Doubles:
    drawn = np.random.default_rng(0).standard_normal((dimensions, _TASTES))
    return np.asarray(np.linalg.qr(drawn)[0] * 2)


@dataclass(frozen=True)
class Reactions:
    """What was shown and what came of it, a row each.

    Attributes:
        features: N×FEATURES when it was shown.
        positions: N, from 0.
        rewards: N, 0 for nothing to 1 for bought.
    """

    features: Doubles
    positions: NDArray[np.int64]
    rewards: Doubles


def examination(reactions: Reactions, most: int = 24) -> Doubles:
    """Estimate how likely somebody looks at each position, the first being 1.

    Rewards at a position are compared with what a model without positions expects of the
    outfits there (one step of regression-based EM, Wang et al., WSDM 2018), and drawn to a
    usual fall where little is known.

    Returns:
        `most` shares, falling.
    """
    usual = 1 / (np.arange(most) + 1) ** _FALL
    if not len(reactions.rewards):
        return usual
    positions = np.minimum(reactions.positions, most - 1)
    expected = _solve(reactions, usual[positions])[0]
    liked = np.clip(reactions.features @ expected, 0.02, 1)
    shown = np.bincount(positions, liked, most)
    rewards = np.bincount(positions, reactions.rewards, most)
    trust = _TRUST * _USUAL
    measured = (rewards + trust * usual) / (shown + trust)
    return np.minimum.accumulate(measured / measured[0])


def _solve(reactions: Reactions, looked: Doubles) -> tuple[Doubles, Doubles]:
    """Solve the weighted regression; returns mean and covariance of the opinion."""
    prior = np.zeros(FEATURES)
    prior[0], prior[1] = _USUAL, _SCORE
    precision = np.eye(FEATURES) / _SPREAD**2
    features = reactions.features
    # A reaction weighs as much as the position was looked at; its size is divided by that.
    both = precision + (features * looked[:, None]).T @ features / _NOISE
    target = precision @ prior + features.T @ reactions.rewards / _NOISE
    covariance = np.linalg.inv(both)
    return np.asarray(covariance @ target), np.asarray(covariance, np.float64)


class Ranking:
    """What is known of this shop's shoppers."""

    def __init__(self, reactions: Reactions) -> None:
        """Learn from everything so far; a few milliseconds for a hundred thousand rows."""
        self.looked = examination(reactions)
        positions = np.minimum(reactions.positions, len(self.looked) - 1)
        self.mean, self.covariance = _solve(reactions, self.looked[positions])

    def draw(self, features: Doubles, rng: np.random.Generator) -> Doubles:
        """Draw an opinion and score outfits (N×FEATURES) by it."""
        opinion = rng.multivariate_normal(self.mean, self.covariance, method="cholesky")
        return np.asarray(features @ opinion)

    def expect(self, features: Doubles) -> Doubles:
        """Score outfits by what is most likely, without trying anything."""
        return np.asarray(features @ self.mean)

    @staticmethod
    def in_points(drawn: Doubles) -> Doubles:
        """Put opinions on the scale of the stylist's scores, about their middle."""
        return np.asarray((drawn - drawn.mean()) / _SCORE / 2) if drawn.size else drawn

    def propensities(self, features: Doubles, rng: np.random.Generator) -> Doubles:
        """Tell how likely each of a list is to be looked at, over many draws."""
        opinions = rng.multivariate_normal(self.mean, self.covariance, _DRAWS, method="cholesky")
        order = np.argsort(np.argsort(-(opinions @ features.T), axis=1), axis=1)
        return np.asarray(self.looked[np.minimum(order, len(self.looked) - 1)].mean(0))


@dataclass(frozen=True)
class Value:
    """What a ranking is worth: expected reward of a visit, with its standard error."""

    mean: float
    error: float


def off_policy_value(
    visits: Sequence[tuple[Reactions, Doubles]], scores: Sequence[Doubles], looked: Doubles
) -> Value:
    """Estimate what another ranking would have earned on logged visits.

    The item-position estimator of Li et al., "Offline evaluation of ranking policies with
    click models", KDD 2018: a reward counts as much more as the other ranking would have had
    the outfit looked at. Only what was shown can be ranked anew.

    Args:
        visits: Each visit's reactions with the propensities they were logged with.
        scores: How the other ranking scores the same rows.
        looked: As from `examination`.
    """
    worth = []
    for (reactions, logged), judged in zip(visits, scores, strict=True):
        order = np.argsort(np.argsort(-judged, kind="stable"), kind="stable")
        weights = looked[np.minimum(order, len(looked) - 1)] / np.maximum(logged, 0.05)
        worth.append(float((reactions.rewards * weights).sum()))
    if not worth:
        return Value(0.0, 0.0)
    error = float(np.std(worth) / np.sqrt(len(worth)))
    return Value(float(np.mean(worth)), error)
