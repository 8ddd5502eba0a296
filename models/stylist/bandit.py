"""Rank outfits by a contextual bandit that learns from shoppers' reactions.

Linear Thompson sampling (Agrawal and Goyal, "Thompson sampling for contextual bandits with
linear payoffs", ICML 2013) under the position-based click model: the probability of a reaction
is the probability that the position is examined times the relevance of its outfit (Lagrée et
al., "Multiple-play bandits in the position-based model", NeurIPS 2016). Each visit samples the
weights once from the posterior and ranks by them, so that uncertain outfits are explored.
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

#: Random projections of an outfit's item embeddings.
_TASTES: Final = 12
_PLAIN: Final = 7
#: Features of an outfit.
FEATURES: Final = _PLAIN + _TASTES
#: Prior of the examination probability: 1 / (n + 1) ** this.
_FALL: Final = 0.5
#: Weight of that prior, in impressions of a position.
_TRUST: Final = 200.0
#: Prior of the weights: one in five shoppers reacts to an examined outfit, the weight of the
#: stylist's score, and the standard deviation of both.
_USUAL: Final = 0.2
_SCORE: Final = 0.05
_SPREAD: Final = 0.05
#: Variance of a single reaction.
_NOISE: Final = 0.16
_DRAWS: Final = 64


def describe_outfits(shop: Shop, outfits: Sequence[Outfit]) -> Doubles:
    """Build the features of the outfits of one list, N×FEATURES.

    The stylist's score is standardised over the list; the mean item embedding is reduced by
    fixed random projections.
    """
    if not outfits:
        return np.zeros((0, FEATURES))
    scores = np.array([outfit.score for outfit in outfits])
    tiers = np.array([shop.tiers[list(o.rows)].mean() for o in outfits], float)
    means = np.stack([shop.item_embeddings[list(o.rows)].mean(0) for o in outfits]).astype(float)
    plain = [
        np.ones(len(outfits)),
        (scores - scores.mean()) / max(float(scores.std()), 1e-6),
        np.array([outfit.source == "look" for outfit in outfits], float),
        np.array([outfit.source == "kept" for outfit in outfits], float),
        np.array([len(outfit.carried) > 1 for outfit in outfits], float),
        np.clip(tiers, -1, 1),
        np.array([len(outfit.rows) for outfit in outfits]) / 5 - 1,
    ]
    return np.column_stack([*plain, means @ _projections(means.shape[1])])


def _projections(dimensions: int) -> Doubles:
    drawn = np.random.default_rng(0).standard_normal((dimensions, _TASTES))
    return np.asarray(np.linalg.qr(drawn)[0] * 2)


@dataclass(frozen=True)
class Reactions:
    """Impressions of outfits and their rewards, a row each.

    Attributes:
        features: N×FEATURES at the time of the impression.
        positions: N, from 0.
        rewards: N, 0 for no reaction to 1 for bought.
    """

    features: Doubles
    positions: NDArray[np.int64]
    rewards: Doubles


def examination(reactions: Reactions, most: int = 24) -> Doubles:
    """Estimate the examination probability of each position, relative to the first.

    The rewards at a position are compared with the expectation of a model without positions
    (one step of regression-based EM; Wang et al., WSDM 2018) and shrunk towards the prior.

    Returns:
        `most` probabilities in descending order.
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


def _solve(reactions: Reactions, examined: Doubles) -> tuple[Doubles, Doubles]:
    """Solve the weighted regression; return mean and covariance of the posterior."""
    prior = np.zeros(FEATURES)
    prior[0], prior[1] = _USUAL, _SCORE
    precision = np.eye(FEATURES) / _SPREAD**2
    features = reactions.features
    # An impression is weighted by its examination probability; its reward is divided by it.
    both = precision + (features * examined[:, None]).T @ features / _NOISE
    target = precision @ prior + features.T @ reactions.rewards / _NOISE
    covariance = np.linalg.inv(both)
    return np.asarray(covariance @ target), np.asarray(covariance, np.float64)


class Ranking:
    """The posterior of the bandit's weights."""

    def __init__(self, reactions: Reactions) -> None:
        """Fit to all reactions; takes a few milliseconds for a hundred thousand rows."""
        self.examination = examination(reactions)
        positions = np.minimum(reactions.positions, len(self.examination) - 1)
        self.mean, self.covariance = _solve(reactions, self.examination[positions])

    def draw(self, features: Doubles, rng: np.random.Generator) -> Doubles:
        """Sample weights from the posterior and score outfits (N×FEATURES) by them."""
        weights = rng.multivariate_normal(self.mean, self.covariance, method="cholesky")
        return np.asarray(features @ weights)

    def expect(self, features: Doubles) -> Doubles:
        """Score outfits by the posterior mean, without exploration."""
        return np.asarray(features @ self.mean)

    @staticmethod
    def in_points(drawn: Doubles) -> Doubles:
        """Rescale scores to the scale of the stylist's scores, centred on 0."""
        return np.asarray((drawn - drawn.mean()) / _SCORE / 2) if drawn.size else drawn

    def propensities(self, features: Doubles, rng: np.random.Generator) -> Doubles:
        """Estimate the examination propensity of each outfit of a list over many samples."""
        weights = rng.multivariate_normal(self.mean, self.covariance, _DRAWS, method="cholesky")
        order = np.argsort(np.argsort(-(weights @ features.T), axis=1), axis=1)
        return np.asarray(self.examination[np.minimum(order, len(self.examination) - 1)].mean(0))


@dataclass(frozen=True)
class Value:
    """The value of a ranking: expected reward of a visit, with its standard error."""

    mean: float
    error: float


def off_policy_value(
    visits: Sequence[tuple[Reactions, Doubles]], scores: Sequence[Doubles], examined: Doubles
) -> Value:
    """Estimate the value of another ranking policy on logged visits.

    The item-position estimator of Li et al., "Offline evaluation of ranking policies with click
    models", KDD 2018: rewards are weighted by the ratio of examination probabilities. Only the
    logged outfits can be re-ranked.

    Args:
        visits: Each visit's reactions and the propensities that they were logged with.
        scores: Of the other policy for the same rows.
        examined: As from `examination`.
    """
    values = []
    for (reactions, logged), other in zip(visits, scores, strict=True):
        order = np.argsort(np.argsort(-other, kind="stable"), kind="stable")
        weights = examined[np.minimum(order, len(examined) - 1)] / np.maximum(logged, 0.05)
        values.append(float((reactions.rewards * weights).sum()))
    if not values:
        return Value(0.0, 0.0)
    error = float(np.std(values) / np.sqrt(len(values)))
    return Value(float(np.mean(values)), error)
