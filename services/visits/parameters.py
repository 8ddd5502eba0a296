"""The numbers by which visits are inferred, each with its source."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

#: Crossings of clips from which `Parameters.missed_exit` is known.
_CLIPS: Final = 70


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
        between_gates_s: From one of two gates in a row to the other, at the most; assumed.
        brief_s: Who comes out again within this time was no shopper: staff who bring, look or
            clear.
        trips: Probability that the last one who leaves a room is only out for more, at most for
            `trip_s`; she carries out a garment with the probability `returned`. Assumed.
        away_from: From which probability of a trip on the visit counts as interrupted.
        leaves: Probability that a party leaves something behind; assumed.
        seen_out: Probability that a garment that is carried out is reported (0.76) and paired.
        idle_s: Mean time that a room is free before the next party; assumed.
        moves: Probability that a party changes rooms, within `move_s`; assumed.
        show_moved_above: As `show_above`, where her articles were seen in both rooms: one visit in
            thirty is concerned.
        arrival_s: Mean time between two parties that go into any room; assumed.
        same_article: Probability that another party carries a certain article; assumed, for a shop
            whose best sellers are carried by every fiftieth.
        missed_entry: As `missed_exit`, of entries.
        missed_signal: Probability that a sensor does not report a change; assumed.
        signal_delay_s: A signal is received so long after the change at the most, and a door is
            opened `door_ahead_s` before a person walks through at the most.
        idle_openings: Openings of a door during a stay without a crossing: the shopper shows
            herself, or is handed something. They last `idle_opening_s` in the mean. Assumed.
        leaves_open: Probability that the door stays open when the last one leaves; assumed.
        gap_s: Mean time from one party's exit to the next one's entry, `shortest_gap_s` at the
            least; assumed.
        leave_together: Probability that a party leaves together once one of it leaves; assumed.
        false_free: Probability that an occupancy sensor reports a room as free during a stay, and
            `missed_free` that it does not report it between two parties; assumed.
    """

    missed_exit: float = 0.007
    stay_s: float = 420.0
    stay_sigma: float = 0.6
    joins: float = 0.3
    show_above: float = 1e-5
    same_crossing_s: float = 0.85
    between_gates_s: float = 15.0
    brief_s: float = 30.0
    trips: float = 0.2
    trip_s: float = 300.0
    returned: float = 0.4
    away_from: float = 0.5
    leaves: float = 0.12
    seen_out: float = 0.7
    idle_s: float = 600.0
    moves: float = 0.03
    move_s: float = 60.0
    show_moved_above: float = 1e-4
    arrival_s: float = 240.0
    same_article: float = 0.02
    missed_entry: float = 0.007
    missed_signal: float = 0.02
    signal_delay_s: float = 4.0
    door_ahead_s: float = 4.0
    idle_openings: float = 0.3
    idle_opening_s: float = 8.0
    leaves_open: float = 0.8
    gap_s: float = 25.0
    shortest_gap_s: float = 6.0
    leave_together: float = 0.6
    false_free: float = 0.05
    missed_free: float = 0.5

    def fitted(self, entries: int, exits: int) -> Parameters:
        """Return the parameters for cameras that reported so many entries and exits lately.

        As many people come out as go in: what is missing of the exits was not seen. The prior
        weighs as much as the clips that it is from.
        """
        missed = self.missed_exit * _CLIPS + max(0, entries - exits)
        return replace(self, missed_exit=min(missed / (_CLIPS + max(entries, exits)), 0.5))

    def gone(self, seconds: float) -> float:
        """Return the probability that a party has left so long after it was surely there."""
        if seconds <= 0:
            return 0.0
        deviations = math.log(seconds / self.stay_s) / self.stay_sigma
        return 0.5 * math.erfc(-deviations / math.sqrt(2.0))


#: As shipped.
PARAMETERS = Parameters()
