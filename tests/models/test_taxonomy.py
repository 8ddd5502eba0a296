from __future__ import annotations

import pytest

from models.taxonomy import CATEGORIES, DETECTOR_CLASSES, GARMENTS, PARTS, category_of


@pytest.mark.parametrize(
    ("product_type", "google", "title", "category"),
    [
        # the shop's own path, most specific level first
        ("Women > Dresses > Midi dress", "", "", "dress"),
        ("Tops > T-shirts", "", "", "top"),
        ("Outerwear > Leather Jacket", "", "", "jacket"),
        ("Shirt dress", "", "", "dress"),
        ("Denim jacket", "", "", "jacket"),
        ("Puffer jacket", "", "", "coat"),
        ("Sweatshirts", "", "", "sweater"),
        ("Sweater > Sweater", "", "", "sweater"),
        ("Trenchcoat", "", "", "coat"),
        ("Ankle Boots", "", "", "shoes"),
        ("Bags > Shoulder bag", "", "", "bag"),
        ("Jewellery > Earrings", "", "", "accessory"),
        ("Kleider", "", "", "dress"),
        ("Röcke", "", "", "skirt"),
        # a compound the shop invented falls back to the level above
        ("Shorts > Skaterella", "", "", "shorts"),
        # Google's taxonomy, by number and by path
        ("", "2271", "", "dress"),
        ("", "212", "Oxford shirt", "shirt"),
        ("", "212", "Breton", "top"),
        ("", "5598", "Biker jacket", "jacket"),
        ("", "Apparel & Accessories > Clothing > Pants", "", "trousers"),
        ("", "Apparel & Accessories > Clothing > Shirts & Tops", "Silk blouse", "shirt"),
        # only the title knows
        ("", "", "Wide jeans", "jeans"),
        ("", "", "Mystery", "other"),
        ("Swim > Bikini panties", "", "", "other"),
        ("Accessories > Belt", "", "", "accessory"),
    ],
)
def test_maps_what_feeds_say(product_type: str, google: str, title: str, category: str) -> None:
    assert category_of(product_type, google, title) == category


def test_every_category_has_a_part() -> None:
    assert set(PARTS) == set(CATEGORIES)
    assert ("person", *GARMENTS) == DETECTOR_CLASSES
