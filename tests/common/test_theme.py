"""A shop's colour: readable in both schemes, or refused with one that is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from coloraide import Color

from common.theme import DARK_GROUND, LIGHT_GROUND, TEXT_CONTRAST, build_accent

CSS = Path(__file__).resolve().parents[2] / "web" / "static" / "base.css"


@pytest.mark.parametrize("colour", ["#7a1f3d", "#000000", "#0033aa", "#1f4d3f", "#6b4e00"])
def test_words_can_be_read_in_both_schemes(colour: str) -> None:
    made = build_accent(colour)
    assert made.light == colour
    for words, ground in (
        (made.light, LIGHT_GROUND),
        (made.on_light, made.light),
        (made.dark, DARK_GROUND),
        (made.on_dark, made.dark),
    ):
        assert Color(words).contrast(Color(ground)) >= TEXT_CONTRAST


@pytest.mark.parametrize("colour", ["#ffe600", "#ffffff", "#9bd1ff"])
def test_a_pale_colour_is_refused_with_one_that_would_do(colour: str) -> None:
    with pytest.raises(ValueError, match="contrast of .* is needed") as refused:
        build_accent(colour)
    (instead,) = re.findall(r"(#\w{3,6}) is the nearest", str(refused.value))
    assert build_accent(str(Color(instead).to_string(hex=True, compress=False)))


def test_the_grounds_are_those_of_the_pages() -> None:
    light, dark = CSS.read_text().split("@media (prefers-color-scheme: dark)")
    assert f"--ground: {LIGHT_GROUND};" in light
    assert f"--tile: {DARK_GROUND};" in dark
