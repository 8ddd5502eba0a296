"""The numbers by which visits are inferred, each with its source."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """What is assumed of shoppers, and known of cameras.

    The stay's distribution and `joins` are assumptions of the simulated day
    (`services.evaluation.day.habits`): no shop's records are public. What is fitted there was
    chosen by `python -m benchmarks.day`.

    Attributes:
        missed_exit: Probability that a person goes out and no camera reports it: 70 of 70
            crossings of clips were found, which is 0.7 % in the mean by Jeffreys' prior.
        stay_s: Median stay of a party in seconds, and `stay_sigma` of its logarithm.
        joins: Probability that somebody goes into an occupied room later, without being the next
            shopper: a companion, or staff who bring something.
        show_above: Garments stay on the screen while the probability that another shopper sees
            them is below this. A wrong screen lasts some 400 s, and less than one second in 1,000
            visits is wanted: 1 / (1,000 × 400), and the few visits in which this matters at all.
        same_crossing_s: Two cameras report the same crossing within this time. The time of a
            crossing has a standard deviation of up to 0.2 s: three of the difference's.
        brief_s: Who comes out again within this time was no shopper: staff who bring, look or
            clear.
    """

    missed_exit: float = 0.007
    stay_s: float = 420.0
    stay_sigma: float = 0.6
    joins: float = 0.3
    show_above: float = 1e-5
    same_crossing_s: float = 0.85
    brief_s: float = 30.0

    def gone(self, seconds: float) -> float:
        """Return the probability that a party has left so long after it was surely there."""
        if seconds <= 0:
            return 0.0
        deviations = math.log(seconds / self.stay_s) / self.stay_sigma
        return 0.5 * math.erfc(-deviations / math.sqrt(2.0))


#: As shipped.
PARAMETERS = Parameters()
