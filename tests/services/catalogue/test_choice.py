"""Which of an article's pictures are embedded."""

from __future__ import annotations

import pytest

from services.catalogue.choice import choose_pictures, why_poor
from store.pictures import Kind, Known


def pictures(*kinds: str) -> list[Known]:
    return [Known(n, Kind(kind), f"{n}.jpg", True) for n, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "chosen", "reason"),
    [
        (("worn", "packshot", "packshot"), [1, 2], None),  # front and back
        (("worn", "detail", "worn"), [0, 2], None),
        (("not_found", "worn"), [1], None),
        (("nothing", "detail", "detail"), [1], "close-ups"),
        (("nothing", "not_found"), [1], "not found on the person"),
        (("nothing", "nothing"), [0], "no picture shows"),
        (("", ""), [0, 1], None),  # without a parser
    ],
)
def test_the_best_kind_is_embedded(
    kinds: tuple[str, ...], chosen: list[int], reason: str | None
) -> None:
    known = pictures(*kinds)
    assert [number for number, used in choose_pictures(known).items() if used] == chosen
    poor = why_poor("A", known)
    if reason is None:
        assert poor is None
    else:
        assert poor is not None
        assert reason in poor.reason
        assert poor.link == f"{chosen[0]}.jpg"
