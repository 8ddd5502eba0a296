"""Choose the pictures of an article that recognition learns from.

The article alone is best, from all sides. Where a person wears it in every picture, it is cut out
of those in which it was found. A close-up stands in where there is nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from store.pictures import Kind, Known

#: Kinds of pictures, the best first.
_ORDER: Final = (
    Kind.PACKSHOT, Kind.UNKNOWN, Kind.WORN, Kind.DETAIL, Kind.NOT_FOUND, Kind.NOTHING
)  # fmt: skip
_GOOD: Final = (Kind.PACKSHOT, Kind.UNKNOWN, Kind.WORN)
#: Why an article has no good picture, by the best kind that it has.
_REASONS: Final = {
    Kind.DETAIL: "only close-ups",
    Kind.NOT_FOUND: "worn, and the article was not found on the person",
    Kind.NOTHING: "no picture shows an article",
}


@dataclass(frozen=True)
class PoorPicture:
    """An article without a good picture: its SKU, why, and the link of its best picture."""

    sku: str
    reason: str
    link: str

    def as_json(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return {"id": self.sku, "reason": self.reason, "image_link": self.link}


def choose_pictures(pictures: Sequence[Known]) -> dict[int, bool]:
    """Choose which pictures of a colourway are embedded: all good ones of the best kind it has.

    Args:
        pictures: In the feed's order; at least one.

    Returns:
        Whether it is embedded, by the picture's id. One at least is.
    """
    best = _best(pictures)
    if best.kind in _GOOD:
        return {picture.id: picture.kind is best.kind for picture in pictures}
    return {picture.id: picture is best for picture in pictures}


def why_poor(sku: str, pictures: Sequence[Known]) -> PoorPicture | None:
    """Say why a colourway has no good picture; None where it has one."""
    best = _best(pictures)
    reason = _REASONS.get(best.kind)
    return PoorPicture(sku, reason, best.link) if reason else None


def _best(pictures: Sequence[Known]) -> Known:
    return min(pictures, key=lambda picture: _ORDER.index(picture.kind))
