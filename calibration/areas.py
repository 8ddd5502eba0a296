"""Gates and privacy masks, drawn on a camera's picture."""

from __future__ import annotations

import itertools
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from calibration.base import Point, Strict

#: Smallest mask, as share of the picture.
_LEAST_AREA: Final = 0.0005

Side = Literal["left", "right", "up", "down"]


class Gate(Strict):
    """A line on the floor; `inside` is the side that leads to the rooms."""

    name: str = "gate"
    start: Point = Field(alias="from")
    end: Point = Field(alias="to")
    inside: Side = Field(alias="in")
    rooms: tuple[Annotated[str, Field(pattern=r"\S")], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_length_and_side(self) -> Gate:
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        if dx * dx + dy * dy < 0.05**2:
            raise ValueError("the gate is too short: 'from' and 'to' nearly coincide.")
        across = abs(dy) if self.inside in ("left", "right") else abs(dx)
        if across < 0.02:
            raise ValueError(
                f"'{self.inside}' runs along the gate, not across it; "
                "say up or down for a level gate, left or right for an upright one."
            )
        return self

    @property
    def room(self) -> str:
        """The room behind the gate, empty when it leads to several."""
        return self.rooms[0] if len(self.rooms) == 1 else ""


class Mask(Strict):
    """A polygon that is blanked right after decoding; nothing behind it is ever seen."""

    points: tuple[Point, ...] = Field(min_length=3)

    @model_validator(mode="after")
    def _is_a_polygon(self) -> Mask:
        sides = list(itertools.pairwise([*self.points, self.points[0]]))
        for (i, one), (j, other) in itertools.combinations(enumerate(sides), 2):
            beside = j - i == 1 or (i == 0 and j == len(sides) - 1)
            if not beside and _cross(*one, *other):
                raise ValueError(
                    f"the mask crosses itself (its sides {i + 1} and {j + 1}); "
                    "set its corners one after the other around the area."
                )
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in sides) / 2
        if abs(area) < _LEAST_AREA:
            raise ValueError("the mask covers next to nothing; draw it around an area.")
        return self


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Check whether the lines from a to b and from c to d have a point in common."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0
