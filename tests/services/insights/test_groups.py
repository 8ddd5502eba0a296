"""No group is smaller than a figure may be, neither shown nor by subtraction."""

from __future__ import annotations

import pytest

from services.insights.counting import Counted, count_visits
from services.insights.groups import measure_parts, pool, room_of
from services.insights.measures import LEAST
from services.insights.rates import PERFECT
from tests.services.insights.conftest import observed


def visits(**sizes: int) -> list[Counted]:
    rooms = [room for room, size in sizes.items() for _ in range(size)]
    return count_visits([observed(n, room=room) for n, room in enumerate(rooms)], ())


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"a": 9, "b": 7}, {"a": 9, "b": 7}),
        ({"a": 9, "b": 4, "c": 3}, {"a": 9, "": 7}),
        ({"a": 9, "b": 7, "c": 2}, {"a": 9, "": 9}),  # or 18 - 9 - 7 would be a figure of two
        ({"a": 9, "b": 2}, {"": 11}),
        ({"a": 3}, {}),
    ],
)
def test_small_groups_are_put_together(sizes: dict[str, int], shown: dict[str, int]) -> None:
    parts = measure_parts(visits(**sizes), room_of, str, PERFECT)
    assert {part.name: part.measures.visits.value for part in parts} == shown


def test_what_is_left_out_is_never_a_few_visits() -> None:
    for first in range(1, 8):
        for second in range(1, 8):
            groups = {"a": first, "b": second, "c": 9}
            counted = {room: visits(**{room: size}) for room, size in groups.items()}
            pooled = pool(counted)
            hidden = sum(groups.values()) - sum(len(some) for some in pooled.groups.values())
            assert hidden == 0 or hidden >= LEAST
