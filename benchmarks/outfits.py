"""Composing outfits against drawing them by lot: time, and how good they are.

    python -m benchmarks.outfits [--articles 10000] [--count 100] [--rounds 5]

One processor thread. The baseline draws as many whole outfits by lot as the composer's time
allows, scores them with the same stylist and keeps the best; both are compared by the score of
the first ten.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from models.stylist import Assortment, Carried, OutfitQuery, Shop, Stylist, compose
from models.stylist.features import VECTOR
from models.stylist.shop import outfit_score, score_outfits

_SHARES = {
    "top": 0.17, "shirt": 0.1, "sweater": 0.11, "jacket": 0.06, "coat": 0.04, "dress": 0.14,
    "skirt": 0.08, "trousers": 0.09, "jeans": 0.05, "shoes": 0.06, "bag": 0.05, "accessory": 0.05,
}  # fmt: skip
_WHOLE = ("outer", "shoes", "bag", "accessory")


def random_shop(articles: int) -> Shop:
    """Build a shop of clustered vectors with looks of six."""
    rng = np.random.default_rng(0)
    shares = np.array(list(_SHARES.values()))
    categories = tuple(str(c) for c in rng.choice(list(_SHARES), articles, p=shares / shares.sum()))
    centres = rng.standard_normal((articles // 40 + 1, VECTOR))
    vectors = centres[rng.integers(len(centres), size=articles)]
    vectors = vectors + 0.6 * rng.standard_normal(vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    looks = tuple(
        tuple(int(n) for n in rng.choice(articles, 6, replace=False)) for _ in range(articles // 2)
    )
    return Shop(
        Stylist(threads=1),
        Assortment(
            keys=np.arange(articles),
            styles=tuple(str(n) for n in range(articles)),
            categories=categories,
            vectors=vectors.astype(np.float32),
            colours=rng.uniform(0, 90, (articles, 3)).astype(np.float32),
            prices=np.exp(rng.normal(8, 0.4, articles)).astype(np.float32),
            audiences=("female/adult",) * articles,
            looks=looks,
        ),
    )


def _by_lot(shop: Shop, row: int, seconds: float, rng: np.random.Generator) -> list[float]:
    """Draw whole outfits around a row for so long; returns their scores, best first."""
    part = str(shop.parts[row])
    rest = {"upper": ("lower",), "lower": ("upper",)}.get(part, ())
    found: list[float] = []
    until = time.process_time() + seconds
    while time.process_time() < until:
        drawn = [
            (row, *(int(rng.choice(shop.by_part[p])) for p in (*rest, *_WHOLE) if p != part))
            for _ in range(64)
        ]
        found += [outfit_score(scores) for scores in score_outfits(shop, drawn)]
    return sorted(found, reverse=True)


def main() -> None:
    """Print one JSON object for each number of carried garments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    shop, rng = random_shop(given.articles), np.random.default_rng(1)
    garments = np.flatnonzero(np.isin(shop.parts, ["upper", "lower", "full"]))
    compose(shop, [Carried(int(garments[0]), "top", (50, 0, 0))], OutfitQuery(given.count))
    for carried in (1, 2, 3, 6):
        took, found, ours, lots = [], [], [], []
        for _ in range(given.rounds):
            rows = [int(n) for n in rng.choice(garments, carried, replace=False)]
            worn = [Carried(n, shop.assortment.categories[n], (50, 0, 0)) for n in rows]
            started = time.process_time()
            outfits = compose(shop, worn, OutfitQuery(given.count))
            took.append(time.process_time() - started)
            found.append(len(outfits))
            first = score_outfits(shop, [outfit.rows for outfit in outfits[:10]])
            ours.append(np.mean([outfit_score(scores) for scores in first]))
            lots.append(np.mean(_by_lot(shop, rows[0], took[-1], rng)[:10]))
        print(
            json.dumps(
                {
                    "articles": given.articles,
                    "carried": carried,
                    "outfits": int(np.median(found)),
                    "milliseconds": round(float(np.median(took)) * 1000, 1),
                    "score_of_first_ten": round(float(np.mean(ours)), 2),
                    "by_lot_in_the_same_time": round(float(np.mean(lots)), 2),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
