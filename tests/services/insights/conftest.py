"""Observations as tests write them."""

from __future__ import annotations

from datetime import datetime

from store.observations import Asked, Garment, Observations, Observed, Sold, Style

NOON = datetime(2026, 5, 29, 12).timestamp()
STYLES = {1: Style("A1", "top", {10: "S", 11: "M"}), 2: Style("A2", "skirt", {20: "M"})}


def garment(key: int | None = 1, **more: object) -> Garment:
    return Garment(key, None, "top", more.get("corrected", False) is True, False)


def asked(state: str, wait: float = 60.0, variant: int | None = 10, **more: float) -> Asked:
    start = more.get("at", NOON + 60)
    ended = start + wait if state in ("done", "declined", "cancelled") else None
    reason = "out_of_stock" if state == "declined" else ""
    return Asked(1, variant, state, reason, start, more.get("taken"), ended)


def observed(
    number: int,
    minutes: float = 6.0,
    start: float | None = None,
    reason: str = "left",
    garments: tuple[Garment, ...] = (garment(),),
    requests: tuple[Asked, ...] = (),
    reactions: tuple[tuple[str, str], ...] = (),
    room: str = "1",
    hidden: float | None = None,
    probability: float = 1.0,
) -> Observed:
    begins = NOON + 600 * number if start is None else start
    return Observed(
        number, room, begins, begins + 60 * minutes, hidden, reason, None, probability,
        garments, requests, reactions, False,
    )  # fmt: skip


def sold(time: float, key: int = 1, quantity: int = 1) -> Sold:
    return Sold(time, key, 10 * key, quantity)


def observations(*visits: Observed, sales: tuple[Sold, ...] = ()) -> Observations:
    return Observations(visits, sales, 2 * len(visits), STYLES)
