from __future__ import annotations

import numpy as np
import pytest

from models.stylist.bandit import (
    FEATURES,
    Ranking,
    Reactions,
    examination,
    off_policy_value,
)

SHOWN = 6
#: What shoppers of the simulation look at, which the ranking is not told.
LOOKED = 1 / (np.arange(SHOWN) + 1) ** 0.8


def nothing() -> Reactions:
    return Reactions(np.zeros((0, FEATURES)), np.zeros(0, np.int64), np.zeros(0))


class Shoppers:
    """Shoppers of one hidden taste, who look at some positions more than at others."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.taste = np.zeros(FEATURES)
        self.taste[0], self.taste[1] = 0.25, 0.02
        self.taste[7:] = self.rng.normal(0, 0.25, FEATURES - 7)

    def offer(self) -> np.ndarray:
        features = np.zeros((24, FEATURES))
        features[:, 0] = 1
        features[:, 1] = np.sort(self.rng.standard_normal(24))[::-1]
        features[:, 7:] = self.rng.normal(0, 0.2, (24, FEATURES - 7))
        return features

    def like(self, features: np.ndarray) -> np.ndarray:
        return np.clip(features @ self.taste, 0.01, 0.99)

    def react(self, features: np.ndarray) -> np.ndarray:
        return (self.rng.random(SHOWN) < self.like(features) * LOOKED).astype(float)


def visit(shoppers: Shoppers, order: np.ndarray, offer: np.ndarray) -> tuple[Reactions, float]:
    shown = offer[order[:SHOWN]]
    best = np.sort(shoppers.like(offer))[::-1][:SHOWN]
    regret = float(((best - shoppers.like(shown)) * LOOKED).sum())
    return Reactions(shown, np.arange(SHOWN), shoppers.react(shown)), regret


def joined(some: list[Reactions]) -> Reactions:
    return Reactions(
        np.concatenate([r.features for r in some]),
        np.concatenate([r.positions for r in some]),
        np.concatenate([r.rewards for r in some]),
    )


def test_before_anything_is_known_the_stylists_order_stands_but_for_curiosity() -> None:
    offer = Shoppers(0).offer()
    ranking = Ranking(nothing())
    assert (np.argsort(-ranking.expect(offer), kind="stable") == np.arange(24)).all()
    draws = {int(ranking.draw(offer, np.random.default_rng(n)).argmax()) for n in range(50)}
    assert len(draws) > 3


@pytest.mark.parametrize("seed", [1, 2])
def test_regret_falls_and_learning_beats_the_static_order(seed: int) -> None:
    shoppers, rng = Shoppers(seed), np.random.default_rng(seed)
    log: list[Reactions] = [nothing()]
    regrets, static = [], []
    ranking = Ranking(nothing())
    for number in range(800):
        offer = shoppers.offer()
        if number % 20 == 0:
            ranking = Ranking(joined(log))
        reactions, regret = visit(shoppers, np.argsort(-ranking.draw(offer, rng)), offer)
        log.append(reactions)
        regrets.append(regret)
        static.append(visit(shoppers, np.arange(24), offer)[1])
    assert np.mean(regrets[-200:]) < 0.7 * np.mean(regrets[:200])
    assert np.mean(regrets[-200:]) < 0.6 * np.mean(static[-200:])


def test_the_fall_of_attention_is_measured() -> None:
    shoppers, rng = Shoppers(3), np.random.default_rng(3)
    log = [visit(shoppers, rng.permutation(24), shoppers.offer())[0] for _ in range(3000)]
    assert examination(joined(log))[:SHOWN] == pytest.approx(LOOKED, abs=0.1)
    assert examination(nothing())[0] == 1


def test_off_policy_estimate_agrees_with_what_the_ranking_would_have_earned() -> None:
    shoppers, rng = Shoppers(4), np.random.default_rng(4)
    logged, scores, earned, as_shown = [], [], [], []
    for _ in range(4000):
        offer = shoppers.offer()[:SHOWN]
        order = rng.permutation(SHOWN)
        reactions = visit(shoppers, order, offer)[0]
        logged.append((reactions, np.full(SHOWN, LOOKED.mean())))
        better = reactions.features @ shoppers.taste
        scores.append(better)
        earned.append((shoppers.like(reactions.features[np.argsort(-better)]) * LOOKED).sum())
        as_shown.append(reactions.rewards.sum())
    value = off_policy_value(logged, scores, LOOKED)
    assert value.mean == pytest.approx(np.mean(earned), abs=3 * value.error)
    assert value.mean > np.mean(as_shown)
