"""Rank the gallery by what is in stock: a prior over articles, from figures that may be wrong.

By Bayes, the log posterior of an article is its log likelihood plus its log prior. An article can
be carried only if it is in the shop, so its prior is proportional to the probability that it is.
The log likelihood is the similarity divided by a temperature; the prior is therefore added to
the similarity, multiplied by the temperature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from common.stock import StockFigures

if TYPE_CHECKING:
    from models.manifest import StockPrior

Doubles = NDArray[np.float64]
#: Days after which a sale or a visit to a room says a third as much.
_DAYS: Final = 14.0
#: Further pieces add nothing.
_MOST_PIECES: Final = 20.0
#: The least probability that an article is in the shop: it can still be found.
_FLOOR: Final = 1e-3


def presence_features(figures: StockFigures, wrong: float) -> Doubles:
    """Compute the features of the probability that an article is in the shop.

    Columns: the log odds by the list alone, the logarithm of the count, the recency of the last
    sale and of the last visit to a room. The last three are relative to the mean of the listed
    articles: a kind of figure that the shop does not have changes nothing.

    Args:
        figures: Of N articles.
        wrong: Share of wrong entries: of the listed articles that are missing, and of those that
            are there without being listed.

    Returns:
        float64 N×4.
    """
    listed = figures.listed
    others = max(int((~listed).sum()), 1)
    unlisted = float(np.clip(wrong * listed.sum() / others, _FLOOR, 1 - wrong))
    by_list = np.where(listed, _logit(1 - wrong), _logit(unlisted))
    known = listed & (figures.count > 0)  # NaN is not
    count = np.log(np.clip(np.where(known, figures.count, 1), 1, _MOST_PIECES))
    count = np.where(known, count - (count[known].mean() if known.any() else 0), 0)
    recencies = [
        np.nan_to_num(np.exp(-days / _DAYS), nan=0.0)
        for days in (figures.sold_days, figures.seen_days)
    ]
    centred = [one - (one[listed].mean() if listed.any() else 0) for one in recencies]
    return np.stack([by_list, count, *centred], axis=1)


def presence(figures: StockFigures, prior: StockPrior) -> Doubles:
    """Compute the probability, 0 to 1, that each of N articles is in the shop."""
    logit = presence_features(figures, prior.wrong) @ np.array(prior.weights) + prior.intercept
    return np.asarray(np.maximum(1 / (1 + np.exp(-np.clip(logit, -60, 60))), _FLOOR), np.float64)


def stock_offsets(figures: StockFigures, prior: StockPrior) -> NDArray[np.float32] | None:
    """Compute what to add to the similarity of each article.

    Args:
        figures: Of the gallery's N articles, in its order.
        prior: The fitted prior.

    Returns:
        float32 N, 0 for the likeliest article and less for others; None where nothing is
        listed, or all articles are equally likely, because then nothing is known.
    """
    if not figures.listed.any():
        return None
    log_prior = np.log(presence(figures, prior))
    offsets = prior.temperature * (log_prior - log_prior.max())
    return np.asarray(offsets, np.float32) if np.ptp(offsets) > 0 else None


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
