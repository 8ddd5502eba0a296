"""Every text that a shopper reads is there in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

import web
from common.languages import LANGUAGES
from common.texts import TRANSLATIONS, texts
from models import taxonomy
from models.taxonomy import CATEGORIES
from services import outfits
from services.outfits.reasons import TEXTS

WEB = Path(web.__file__).parent
PLACES = (WEB, Path(outfits.__file__).parent)
TRANSLATED = [code for code in LANGUAGES if code != "en"]
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("static/**.js", "javascript")]


def ids() -> set[str]:
    keywords = dict.fromkeys(("_", "N_", "t", "phrase"))
    found = {
        str(text)
        for place in PLACES
        for _, _, text, _, _ in extract_from_dir(place, method_map=METHODS, keywords=keywords)
    }
    names = extract_from_file("python", taxonomy.__file__, keywords={"Category": (1,)})
    return found | {str(text) for _, text, _, _ in names}


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_in_english(language: str) -> None:
    known = texts(language)
    assert {text for text in ids() if not known.get(text)} == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_blanks_are_filled_with_the_same_things(language: str) -> None:
    for text, said in texts(language).items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", said)), said


@pytest.mark.parametrize("language", TRANSLATED)
def test_compiled_catalogues_are_those_of_the_sources(language: str) -> None:
    folder = TRANSLATIONS / language / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        source = {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
    assert texts(language) == source


def test_what_is_chosen_at_run_time_is_in_the_catalogues() -> None:
    assert {*CATEGORIES, *TEXTS.values()} <= ids()
