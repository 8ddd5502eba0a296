"""How often cameras count right: what the model card measured, and what no shop can do better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.insights.estimates import ALWAYS, Rate


@dataclass(frozen=True)
class Rates:
    """Rates of the counting.

    Attributes:
        entry: Entries that are reported: 70 of 70 crossings of clips were
            (`docs/explanation/experiments.md`, "Crossings and films").
        visit_right: Recorded visits that are a shopper's and not the staff's: 727 of 730 on five
            simulated days, seeds 100 to 104 of `benchmarks/insights.py`.
        garment: Carried garments that are reported (model card, whole pipeline: 0.76 of 96), and
            `garment_right`, of the reported, those that are one (0.91 of 80).
        article: Reported garments that are accepted as an article (0.68 of 400 among some hundred
            articles, stock prior of `experiments.md`), and `article_right` of these (0.97 of 272);
            what is no garment is next to never accepted.
    """

    entry: Rate
    visit_right: Rate
    garment: Rate
    garment_right: Rate
    article: Rate
    article_right: Rate


#: As measured.
MEASURED: Final = Rates(
    Rate(70, 70), Rate(727, 730), Rate(73, 96), Rate(73, 80), Rate(272, 400), Rate(264, 272)
)
#: Of a shop whose cameras make no mistake: figures are what was recorded.
PERFECT: Final = Rates(ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS)
