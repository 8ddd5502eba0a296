"""Compose training scenes: people, some of whom carry garments, in some place.

Photographed people keep their own clothes, which are worn and therefore not labelled;
the garments laid over their hands and forearms are. Drawn people and drawn garments are
mixed in, so that the demo's made-up shop is seen with the same weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.simulation.camera import film, random_lens, recolour
from models.simulation.cutout import Cutout
from models.simulation.drape import drape, lay
from models.simulation.figure import draw_figure, random_look
from models.simulation.rooms import draw_room
from models.simulation.views import draw_arm
from models.taxonomy import LENGTHS
from models.training.scenes.crowd import LOADABLE, stand
from models.training.scenes.photographed import (
    Photographed,
    cut_person,
    guess_hands,
    redress,
    turn_away,
)
from models.training.scenes.stage import Scene, Stage, Thing

Rng = np.random.Generator
_FROM_ABOVE = 0.45
_REDRESSED = 0.5
_TURNED_AWAY = 0.4
#: Share of those who carry whose other hand is on the far side of the body.
_BEHIND = 0.25
#: Share of the handfuls that hang all alike, as from a rail.
_ALIKE = 0.6
#: Share of a crowd's people who carry something.
_CARRYING = 0.3


@dataclass(frozen=True)
class Props:
    """Where scenes get their content; each call gives something at random.

    `surface` gives photographed patches of floors and walls; without it all are drawn.
    `crowds` is the share of the scenes that show a crowd. `settled` gives garments the look of
    the place they are pasted into (`models.training.scenes.settle`).
    """

    person: Callable[[Rng], Photographed]
    garment: Callable[[Rng], Cutout]
    drawn_garment: Callable[[Rng], Cutout]
    distractor: Callable[[Rng], Cutout]
    surface: Callable[[Rng], Image] | None = None
    crowds: float = 0.0
    settled: bool = False


def _load(
    stage: Stage,
    hands: NDArray[np.float64],
    height: float,
    garment: Callable[[], Cutout],
    rng: Rng,
) -> None:
    """Give a person one to six garments to carry."""
    total = int(rng.choice([1, 2, 3, 4, 6], p=[0.42, 0.28, 0.16, 0.1, 0.04]))
    order = rng.permutation(len(hands))
    split = total if len(hands) == 1 or rng.random() < 0.4 else int(rng.integers(0, total + 1))
    for which, count in ((order[0], split), (order[-1], total - split)):
        if not count:
            continue
        _fill_hand(stage, hands[which], count, height, garment, rng)
        if rng.random() < 0.45:
            before = stage.canvas.copy()
            reach = height * rng.uniform(0.05, 0.14)
            elbow = hands[which] - [reach * rng.uniform(-1, 1), reach * rng.uniform(0.2, 1)]
            draw_arm(stage.canvas, tuple(elbow), tuple(hands[which]), height * 0.035, rng)
            stage.hide((before != stage.canvas).any(2))


def _fill_hand(
    stage: Stage,
    hand: NDArray[np.float64],
    count: int,
    height: float,
    garment: Callable[[], Cutout],
    rng: Rng,
) -> None:
    """Hang garments side by side from one hand of somebody `height` pixels tall."""
    spread = rng.uniform(0.03, 0.09) * height
    alike, pose = rng.random() < _ALIKE, None
    for k in range(count):
        cutout = garment()
        length = LENGTHS[cutout.category] * height * rng.uniform(0.65, 1.1)
        draped = drape(cutout, length, rng, pose)
        pose = draped.pose if alike else None
        offset = np.array([(k - (count - 1) / 2) * spread, rng.uniform(-0.02, 0.05) * height])
        x, y = hand - draped.anchor + offset + rng.normal(0, 0.012 * height, 2)
        stage.add_garment(draped, rng, x, y)


def _heights(canvas: Image, count: int, rng: Rng) -> NDArray[np.float64]:
    near = np.exp(rng.uniform(np.log(0.3), np.log(1.7 if count == 1 else 1.1)))
    return np.asarray(near * rng.uniform(0.75, 1.0, count) * canvas.shape[0])


def _populate(stage: Stage, props: Props, drawn: bool, rng: Rng) -> None:
    height, width = stage.canvas.shape[:2]
    count = int(rng.choice([0, 1, 2, 3], p=[0.04, 0.5, 0.32, 0.14]))
    for tall in sorted(_heights(stage.canvas, count, rng)):
        if drawn:
            figure = draw_figure(
                random_look(rng),
                round(tall),
                rng.uniform(0, 6.3),
                rng,
                rng.random() < 0.45,
                rng.uniform(0, 0.7),
                rng.random() < 0.6,
            )
            layer, hands = figure.image, figure.hands
            if rng.random() < 0.5:
                layer = np.ascontiguousarray(layer[:, ::-1])
                hands = (hands - [layer.shape[1] - 1, 0]) * [-1, 1]
        else:
            person = props.person(rng)
            layer, hands = cut_person(person, tall, rng, _photo_of(person, rng))
        if not len(hands):
            hands = guess_hands(layer.shape[1], tall, rng)
        x = rng.uniform(-0.3 * layer.shape[1], width - 0.7 * layer.shape[1])
        low, high = sorted((0.02 * height, height - tall * rng.uniform(0.7, 1.0)))
        y = rng.uniform(low, high)
        drawn_share = 0.85 if drawn else 0.12
        source = props.drawn_garment if rng.random() < drawn_share else props.garment
        garment = partial(source, rng)
        carries, behind = rng.random() < 0.62, rng.random() < _BEHIND
        if carries and behind:
            far = hands[int(rng.integers(len(hands)))] + [x, y]
            _fill_hand(stage, far, int(rng.integers(1, 3)), tall, garment, rng)
        stage.add_person(recolour(layer, rng, 0.4), x, y, drawn)
        if carries and not (behind and rng.random() < 0.5):
            _load(stage, hands + [x, y], tall, garment, rng)
        if rng.random() < 0.15:
            bag = props.distractor(rng)
            hand = hands[int(rng.integers(len(hands)))] + [x, y]
            size = LENGTHS[bag.category] * tall * rng.uniform(0.8, 1.5)
            draped = drape(bag, size, rng, "hanger", soft=False)
            covered = lay(stage.canvas, draped.image, *(hand - draped.anchor))
            stage.hide(covered)


def _photo_of(person: Photographed, rng: Rng) -> Image:
    photo = redress(person, rng) if rng.random() < _REDRESSED else person.image
    return turn_away(photo, person, rng) if rng.random() < _TURNED_AWAY else photo


def _street(props: Props, size: int, rng: Rng) -> Stage:
    """Take a place out of a photo: its person is cut out and the hole filled."""
    person = props.person(rng)
    photo = person.image
    hole = cv2.dilate(person.mask.astype(np.uint8), np.ones((9, 9), np.uint8))
    small = cv2.resize(photo, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    gone = cv2.resize(hole, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    filled = cv2.resize(cv2.inpaint(small, gone, 3, cv2.INPAINT_TELEA), photo.shape[1::-1])
    soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 3)[..., None]
    place = photo * (1 - soft) + filled * soft
    canvas = np.asarray(cv2.resize(place.astype(np.uint8), (size, size)), np.uint8)
    stage = Stage(canvas, props.settled)
    scale = size / np.array([*photo.shape[1::-1]] * 2)
    stage.add_others(person.others * scale, cv2.resize(hole, (size, size)) > 0)
    return stage


def _room(props: Props, size: int, rng: Rng) -> Stage:
    return Stage(draw_room(size, size, rng, surface=props.surface), props.settled)


def _as_photographed(props: Props, size: int, rng: Rng) -> Stage:
    """Leave a person in the photo it comes from and lay garments over the hands."""
    person = props.person(rng)
    photo = _photo_of(person, rng)
    scale = size / max(photo.shape[:2]) * rng.uniform(0.65, 1.25)
    image = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(person.mask.astype(np.uint8), image.shape[1::-1]) > 0
    corner = rng.uniform(0, 1, 2) * (size - np.array(image.shape[1::-1]))
    canvas = np.full((size, size, 3), rng.integers(0, 256), np.uint8)
    stage = Stage(canvas, props.settled)
    layer = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    lay(stage.canvas, layer, *corner)
    x0, y0 = np.round(corner).astype(int)
    seen = np.zeros((size, size), bool)
    ys, xs = np.nonzero(mask)
    ok = (ys + y0 >= 0) & (ys + y0 < size) & (xs + x0 >= 0) & (xs + x0 < size)
    seen[ys[ok] + y0, xs[ok] + x0] = True
    stage.add_others(person.others * scale + np.tile(corner, 2), seen)
    stage.things.append(Thing("person", "", "", seen, int(mask.sum())))
    if rng.random() < 0.6:
        hands = np.asarray(person.wrists, float) * scale
        if not len(hands):
            hands = guess_hands(image.shape[1], image.shape[0], rng)
        tall = (ys.max() - ys.min()) if len(ys) else size
        _load(stage, hands + corner, float(tall), lambda: props.garment(rng), rng)
    return stage


def _few(props: Props, size: int, rng: Rng) -> Stage:
    """Show nobody to three people in some place."""
    kind = rng.random()
    if kind < 0.3:
        return _as_photographed(props, size, rng)
    stage = _street(props, size, rng) if kind < 0.5 else _room(props, size, rng)
    _populate(stage, props, drawn=kind > 0.82, rng=rng)
    return stage


def _crowd(props: Props, size: int, rng: Rng) -> Stage:
    """Fill a room or a street with people, few of whom carry anything."""
    stage = _street(props, size, rng) if rng.random() < 0.5 else _room(props, size, rng)
    anybody_carries = rng.random() < 0.6
    for middle, feet, tall in stand(int(rng.integers(6, 36)), size, rng):
        person = props.person(rng)
        layer, hands = cut_person(person, tall, rng, _photo_of(person, rng))
        x, y = middle - layer.shape[1] / 2, feet - tall
        stage.add_person(recolour(layer, rng, 0.4), x, y)
        if anybody_carries and tall > LOADABLE and rng.random() < _CARRYING:
            if not len(hands):
                hands = guess_hands(layer.shape[1], tall, rng)
            _load(stage, hands + [x, y], tall, lambda: props.garment(rng), rng)
    return stage


def compose(props: Props, size: int, rng: Rng) -> Scene:
    """Compose one square training scene.

    Args:
        props: People and garments to draw from.
        size: Side in pixels.
        rng: Source of all randomness; the same state gives the same scene.

    Returns:
        The filmed scene and the visible boxes of people and carried garments.
    """
    if props.crowds and rng.random() < props.crowds:
        stage = _crowd(props, size, rng)
    else:
        stage = _few(props, size, rng)
    if rng.random() < _FROM_ABOVE:
        stage.look_through(random_lens(size, rng))
    return Scene(film(stage.canvas, rng, rng.uniform(0.15, 1)), stage.labels())
