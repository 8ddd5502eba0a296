from __future__ import annotations

import pytest

from store.gtin import normalise_gtin


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("036000291452", "00036000291452"),  # UPC-A
        ("0036000291452", "00036000291452"),  # the same as EAN-13
        ("00036000291452", "00036000291452"),  # and as GTIN-14
        ("36000291452", "00036000291452"),  # and from a spreadsheet
        ("4006381333931", "04006381333931"),
        ("96385074", "00000096385074"),
        ("4 006381 333931", "04006381333931"),  # as printed below the bars
        (" 4006381-333931\n", "04006381333931"),
    ],
)
def test_every_length_is_one_number(text: str, gtin: str) -> None:
    assert normalise_gtin(text) == gtin


@pytest.mark.parametrize(
    "text",
    ["", "12", "4006381333932", "400638133393a", "00000000", "104006381333931", "٤٠٠٦٣٨١٣٣٣٩٣١"],
)
def test_anything_else_is_none(text: str) -> None:
    assert normalise_gtin(text) is None
