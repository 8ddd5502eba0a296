from __future__ import annotations

from common.crossing import GarmentMatch
from store.pairing import CATEGORY, MISTAKEN, pair_garments
from store.schema import Colourway, VisitItem
from tests.crossings import garment


def item(number: int, sku: str | None, category: str = "top", *others: str) -> VisitItem:
    candidates = garment(sku, category, others).candidates
    article = Colourway(sku=sku) if sku else None
    return VisitItem(id=number, category=category, colourway=article, candidates=candidates)


def pair(
    garments: list[GarmentMatch], items: list[VisitItem], least: float = 3.0
) -> list[int | None]:
    return [found and found.id for found in pair_garments(garments, items, least)]


def test_each_item_is_one_garment_and_articles_come_first() -> None:
    there = [item(1, None), item(2, "A"), item(3, "B", "skirt")]
    seen = [garment(None), garment("A"), garment("A")]
    assert pair(seen, there) == [None, 2, None]
    assert pair(seen, there, CATEGORY) == [1, 2, None]


def test_an_unknown_garment_is_what_it_may_be() -> None:
    there = [item(1, "B"), item(2, "A"), item(3, None, "top", "C")]
    assert pair([garment(None, "skirt", ("A",))], there, CATEGORY) == [2]
    assert pair([garment("C", "shirt")], there, CATEGORY) == [3]


def test_another_article_of_the_category_is_the_last_choice() -> None:
    there = [item(1, "B"), item(2, None)]
    assert pair([garment("A")], there, MISTAKEN) == [2]
    assert pair([garment("A")], there[:1], MISTAKEN) == [1]
    assert pair([garment("A")], there[:1], CATEGORY) == [None]
