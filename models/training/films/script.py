"""Who walks where with what: the films as data, and the crossings that follow from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from models.simulation.cutout import Cutout
from models.simulation.fabric import Fabric
from models.training.films.carry import Load
from models.training.films.clothing import Looks, Outfit
from models.training.films.gait import Route, Track
from models.training.films.room import GATE_X

Rng = np.random.Generator
Garments = Callable[[], Cutout]


@dataclass(frozen=True)
class Actor:
    """A person: body shape by targets, height in metres, looks."""

    shape: dict[str, float]
    height: float
    looks: Looks


@dataclass(frozen=True)
class Carrying:
    """A garment that somebody carries from a time to another."""

    load: Load
    since: float = -math.inf
    until: float = math.inf

    def at(self, time: float) -> bool:
        """Tell whether it is carried at a time."""
        return self.since <= time < self.until


@dataclass(frozen=True)
class Walk:
    """A person's way through the picture; `person` tells who it is, also when they come again."""

    person: int
    actor: Actor
    route: Route
    carries: tuple[Carrying, ...] = ()
    trolley: bool = False


@dataclass(frozen=True)
class Film:
    """A film: its name, camera, length in seconds and the walks."""

    name: str
    camera: str
    seconds: float
    walks: tuple[Walk, ...]
    seed: int
    light: float = 1.0


_SKINS: Final = ((150, 178, 222), (128, 160, 208), (98, 130, 182), (66, 92, 140), (44, 62, 100))
_HAIRS: Final = ((24, 26, 32), (36, 48, 66), (58, 84, 116), (96, 138, 172), (120, 122, 126))
_SHOES: Final = ((30, 30, 34), (225, 228, 230), (52, 70, 100), (90, 90, 96))
_PATTERNS: Final = ("plain", "plain", "plain", "stripes", "check", "knit")


def _fabric(rng: Rng, dark: bool, lower: bool) -> Fabric:
    if lower and rng.random() < 0.4 and not dark:
        return Fabric("denim", (110, 82, 58))
    base = rng.uniform(18, 42) if dark else rng.uniform(40, 210)
    b, g, r = (int(v) for v in np.clip(base + rng.normal(0, 4 if dark else 28, 3), 8, 240))
    pattern = "plain" if lower or dark else str(rng.choice(_PATTERNS))
    return Fabric(pattern, (b, g, r), (225, 228, 230), 1.0)


def random_actor(rng: Rng, dark: bool = False, child: bool = False) -> Actor:
    """Draw a person: sex, age, origin, weight, clothes; `dark` dresses them in black."""
    sex = str(rng.choice(["female", "male"]))
    origin = str(rng.choice(["caucasian", "african", "asian"]))
    age = "old" if rng.random() < 0.2 and not child else "young"
    weight = str(rng.choice(["minweight", "averageweight", "maxweight"], p=[0.25, 0.5, 0.25]))
    shape = {f"{origin}-{sex}-{age}": 1.0, f"universal-{sex}-young-averagemuscle-{weight}": 0.8}
    height = rng.normal(1.66, 0.06) if sex == "female" else rng.normal(1.78, 0.07)
    skins = {"caucasian": (0, 1), "asian": (1, 2), "african": (3, 4)}[origin]
    skirt = sex == "female" and rng.random() < 0.35
    outfit = Outfit(
        _fabric(rng, dark, False), _fabric(rng, dark, True),
        sleeves=float(rng.choice([0.35, 0.92, 0.95])), skirt=skirt,
        legs=float(rng.uniform(0.45, 0.7)) if skirt else float(rng.choice([0.97, 0.97, 0.5])),
        loose=float(rng.uniform(0.012, 0.024)), hem=float(rng.uniform(0.07, 0.17)),
    )  # fmt: skip
    looks = Looks(
        _SKINS[int(rng.choice(skins))], _HAIRS[4 if age == "old" else int(rng.integers(4))],
        _SHOES[0 if dark else int(rng.integers(4))], sex == "female" and rng.random() < 0.6, outfit,
    )  # fmt: skip
    return Actor(shape, float(height) * (0.76 if child else 1.0), looks)


#: Ways over the floor; those that lead in end behind the cabins' curtains.
_IN: Final = ((-3.4, 0.75), (-2.2, 0.5), (0.2, 0.1), (2.4, 0.1), (4.2, 0.15), (4.75, 2.2))
_IN_BESIDE: Final = ((-3.4, 1.6), (-1.5, 1.3), (0.6, 0.7), (2.4, 0.6), (3.8, 0.45), (4.6, -1.6))
_OUT: Final = ((4.75, 2.2), (4.3, 0.3), (2.4, 0.1), (0.2, 0.3), (-2.2, 0.9), (-3.4, 1.1))
_BACK: Final = (
    (-3.4, 0.75), (-1.8, 0.5), (0.4, 0.1), (1.75, 0.1), (1.95, -0.55), (1.3, -0.95), (0.6, -0.6),
    (-1.4, 0.5), (-3.4, 0.9),
)  # fmt: skip


def _held(garment: Cutout, rng: Rng, side: str = "", place: int = 0, way: str = "") -> Carrying:
    way = way or str(rng.choice(["hanger", "forearm", "hanger", "hand"]))
    return Carrying(Load(garment, way, side or str(rng.choice(["L", "R"])), place))


def _walk(person: int, actor: Actor, way: tuple[tuple[float, float], ...], start: float, rng: Rng,
          carries: tuple[Carrying, ...] = ()) -> Walk:  # fmt: skip
    return Walk(person, actor, Route(way, start, float(rng.uniform(1.05, 1.25))), carries)


def one_garment(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Somebody takes one garment in."""
    return (_walk(0, actor(rng), _IN, -0.6, rng, (_held(garment(), rng),)),)


def nothing(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Somebody goes in with nothing but their own clothes."""
    return (_walk(0, actor(rng), _IN, -0.6, rng),)


def bunch(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Somebody has three garments in one hand, on hangers."""
    side = str(rng.choice(["L", "R"]))
    carries = tuple(_held(garment(), rng, side, n, "hanger") for n in range(3))
    return (_walk(0, actor(rng), _IN, -0.6, rng, carries),)


def together(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Two people go in one after the other, one with two garments, the other with one."""
    first = (_held(garment(), rng, "L", 0, "hanger"), _held(garment(), rng, "R", 0, "forearm"))
    return (
        _walk(0, actor(rng), _IN, -0.6, rng, first),
        _walk(1, actor(rng), _IN_BESIDE, 0.7, rng, (_held(garment(), rng),)),
    )


def turns_back(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Somebody comes up to the gate, thinks better of it and leaves."""
    return (_walk(0, actor(rng), _BACK, -0.6, rng, (_held(garment(), rng),)),)


def handed_over(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """One hands her garment to another, who takes it in; the first one leaves."""
    load = Load(garment(), "forearm", "R")
    giver = Route(((-3.4, 0.9), (-1.2, 0.6), (0.35, 0.35), (0.6, -0.4), (-0.3, -0.9), (-2.2, -1.2),
                   (-4.4, -1.2)), -0.8, 1.15, stop=2, wait=1.6)  # fmt: skip
    taker = Route(((-0.6, -5.2), (0.4, -2.4), (1.0, -0.4), (1.3, 0.1), (2.4, 0.1), (4.2, 0.15),
                   (4.75, 2.2)), -1.6, 1.15, stop=2, wait=1.8)  # fmt: skip
    time = Track(giver).distance  # the giver stands from here on
    stood = next(t for t in np.arange(-0.8, 9, 0.05) if time(t + 0.05) - time(t) < 1e-6)
    moment = float(stood) + 0.8
    return (
        Walk(0, actor(rng), giver, (Carrying(load, until=moment),)),
        Walk(1, actor(rng), taker, (Carrying(replace(load, side="L"), since=moment),)),
    )


def fewer_out(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Somebody takes three garments in and comes out with one."""
    person, kept = actor(rng), garment()
    carries = (_held(kept, rng, "L", 0, "hanger"), _held(garment(), rng, "L", 1, "hanger"),
               _held(garment(), rng, "R", 0, "forearm"))  # fmt: skip
    inward = _walk(0, person, _IN, -0.6, rng, carries)
    out = _walk(0, person, _OUT, Track(inward.route).end + 0.6, rng,
                (_held(kept, rng, "R", 0, "hanger"),))  # fmt: skip
    return inward, out


def crowd(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Five people on the floor: two go in, one comes out, two pass by."""
    across = ((1.2, -5.4), (0.7, -2.6), (-0.2, -0.4), (-1.6, 0.6), (-4.6, 1.0))
    return (
        _walk(0, actor(rng), _IN, -0.6, rng, (_held(garment(), rng),)),
        _walk(1, actor(rng), _IN_BESIDE, 1.6, rng, (_held(garment(), rng),)),
        _walk(2, actor(rng), _OUT, 6.2, rng, (_held(garment(), rng, "R", 0, "hanger"),)),
        _walk(3, actor(rng), across, 0.2, rng),
        _walk(4, actor(rng), across[::-1], 2.4, rng, (_held(garment(), rng),)),
    )


def family(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """An adult with a garment and a child go in side by side."""
    beside = tuple((x, y + (0.45 if x < 3 else 0.25)) for x, y in _IN)
    adult = _walk(0, actor(rng), _IN, -0.6, rng, (_held(garment(), rng, "R", 0, "forearm"),))
    small = actor(rng, child=True)
    return adult, Walk(1, small, replace(adult.route, points=beside))


def trolley(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Staff push a rail of garments past the gate while a shopper takes one garment in."""
    past = ((-4.4, -0.9), (-1.5, -1.2), (0.6, -1.6), (1.2, -2.6), (1.3, -5.6))
    staff = Walk(1, actor(rng, dark=True), Route(past, -1.0, 0.9), trolley=True)
    return (_walk(0, actor(rng), _IN, 0.6, rng, (_held(garment(), rng),)), staff)


def dark_clothes(rng: Rng, garment: Garments, actor: Callable[..., Actor]) -> tuple[Walk, ...]:
    """Somebody in black takes one garment in, in low light."""
    return (_walk(0, actor(rng, dark=True), _IN, -0.6, rng, (_held(garment(), rng),)),)


#: Every kind of film, with the light it is made in.
SITUATIONS: Final = {
    "one_garment": one_garment, "nothing": nothing, "bunch": bunch, "together": together,
    "turns_back": turns_back, "handed_over": handed_over, "fewer_out": fewer_out,
    "crowd": crowd, "family": family, "trolley": trolley, "dark_clothes": dark_clothes,
}  # fmt: skip
_LIGHT: Final = {"dark_clothes": 0.4}
#: Cameras of the films in turn.
_VIEWS: Final = ("corner", "eye level", "above", "corridor")


def plan_films(seed: int, garment: Callable[[Rng], Cutout]) -> list[Film]:
    """Write two films of each situation, from cameras in turn.

    Args:
        seed: Source of all randomness.
        garment: Hands out a garment at random.
    """
    films = []
    for number, (name, make) in enumerate([*SITUATIONS.items()] * 2):
        rng = np.random.default_rng([seed, number, 41])
        walks = make(rng, lambda rng=rng: garment(rng), random_actor)  # type: ignore[misc]
        seconds = min(max(Track(walk.route).end for walk in walks), 30.0) + 1.0
        view = _VIEWS[number % len(_VIEWS)]
        films.append(Film(f"{name}-{number // len(SITUATIONS) + 1}", view, round(seconds, 1),
                          walks, seed * 1000 + number, _LIGHT.get(name, 1.0)))  # fmt: skip
    return films


def crossings(walk: Walk) -> list[tuple[float, str]]:
    """List when a walk passes the gate, in seconds, and whether `entry` or `exit`."""
    track = Track(walk.route)
    times = np.arange(walk.route.start, track.end, 0.02)
    inside = np.array([track.position(track.distance(t))[0] > GATE_X for t in times])
    changes = np.flatnonzero(inside[1:] != inside[:-1])
    return [(float(times[n + 1]), "entry" if inside[n + 1] else "exit") for n in changes]


def events(film: Film) -> list[dict[str, Any]]:
    """Return the events of a film as its truth file has them."""
    found = [
        {
            "time": round(time, 2),
            "event": event,
            "person": walk.person,
            "garments": [
                {"sku": c.load.garment.sku, "category": c.load.garment.category}
                for c in walk.carries if c.at(time)
            ],
        }
        for walk in film.walks
        for time, event in crossings(walk)
        if 0 <= time < film.seconds
    ]  # fmt: skip
    return sorted(found, key=lambda event: float(str(event["time"])))
