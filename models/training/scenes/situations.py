"""What happens at an entrance, as scripts for clips: one of each kind, with its truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.simulation.cutout import Cutout
from models.simulation.figure import Look
from models.training.scenes.photographed import Photographed
from models.training.scenes.walks import GATE_X, Carried, Walk, hold, straight

Rng = np.random.Generator


@dataclass(frozen=True)
class Situation:
    """A script: its name, who walks, and how many seconds to film."""

    name: str
    walks: tuple[Walk, ...]
    seconds: float


@dataclass(frozen=True)
class Cast:
    """Where scripts get their people and garments; each call gives one at random."""

    person: Callable[[Rng], Look | Photographed]
    garment: Callable[[Rng], Cutout]


def one_garment(cast: Cast, rng: Rng) -> Situation:
    """Somebody takes one garment in."""
    walk = straight(0.5, cast.person(rng), hold(cast.garment(rng)))
    return Situation("one garment", (walk,), 9.5)


def nothing(cast: Cast, rng: Rng) -> Situation:
    """Somebody goes in with nothing but their own clothes."""
    return Situation("nothing carried", (straight(0.5, cast.person(rng)),), 9.5)


def bunch(cast: Cast, rng: Rng) -> Situation:
    """Somebody has three garments in one hand."""
    garments = tuple(Carried(cast.garment(rng), hand=0) for _ in range(3))
    return Situation("three in one hand", (straight(0.5, cast.person(rng), garments),), 9.5)


def together(cast: Cast, rng: Rng) -> Situation:
    """Two people go in side by side, one with two garments, the other with one."""
    first = straight(0.5, cast.person(rng), hold(cast.garment(rng), cast.garment(rng)))
    second = straight(
        0.5 + rng.uniform(0.7, 1.4), cast.person(rng), hold(cast.garment(rng)), depth=0.6
    )
    return Situation("two together", (first, second), 11.0)


def turns_back(cast: Cast, rng: Rng) -> Situation:
    """Somebody comes up to the gate, thinks better of it and leaves."""
    stop = GATE_X - rng.uniform(0.01, 0.04)
    path = ((0.5, -0.12), (5.0, stop), (5.8, stop), (10.3, -0.12))
    walk = Walk(path, cast.person(rng), hold(cast.garment(rng)))
    return Situation("turns back in the gate", (walk,), 11.0)


def handed_over(cast: Cast, rng: Rng) -> Situation:
    """One hands her garment to another, who takes it in; the first one leaves."""
    garment = cast.garment(rng)
    giver = Walk(
        ((0.5, -0.12), (3.2, 0.32), (5.5, 0.32), (8.2, -0.12)),
        cast.person(rng),
        (Carried(garment, until=4.5),),
        depth=0.2,
    )
    taker = Walk(
        ((1.0, -0.12), (3.9, 0.42), (5.5, 0.42), (10.1, 1.2)),
        cast.person(rng),
        (Carried(garment, since=4.5),),
    )
    return Situation("handed over", (giver, taker), 11.0)


def fewer_out(cast: Cast, rng: Rng) -> Situation:
    """Somebody takes three garments in and comes out with one."""
    person, kept = cast.person(rng), cast.garment(rng)
    inward = straight(0.5, person, hold(kept, cast.garment(rng), cast.garment(rng)))
    outward = straight(10.5, person, hold(kept), inward=False)
    return Situation("fewer come out", (inward, outward), 19.5)


#: Every kind of situation.
SITUATIONS = (one_garment, nothing, bunch, together, turns_back, handed_over, fewer_out)
