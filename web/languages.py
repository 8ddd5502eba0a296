"""The languages of the pages: one gettext catalogue each, for templates and scripts alike.

A text's id is its English wording. `N_` marks texts that are chosen at run time, so that they
are found when the catalogues are brought up to date (`make translations`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo
from flask import Flask, request
from flask_babel import Babel, format_currency, get_locale

from common.languages import LANGUAGES
from store import Site

_FOLDER: Final = Path(__file__).parent / "translations"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text for translation; returns it as it is."""
    return text


@cache
def texts(language: str) -> dict[str, str]:
    """Return a language's texts by id; empty for English, whose texts are the ids."""
    path = _FOLDER / language / "LC_MESSAGES" / "messages.mo"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalogue = read_mo(file)
    return {str(m.id): str(m.string) for m in catalogue if m.id}


def direction(language: str) -> str:
    """Return `rtl` or `ltr`."""
    return "rtl" if LANGUAGES[language].right_to_left else "ltr"


def add_languages(app: Flask, site: Site) -> None:
    """Let an application's templates speak the shop's languages."""
    offered = site.settings.shop.languages

    def choose() -> str:
        wanted = request.args.get("lang", "")
        return wanted if wanted in offered else offered[0]

    Babel(
        app, default_locale="en", default_translation_directories=str(_FOLDER),
        locale_selector=choose,
    )  # fmt: skip
    app.jinja_env.filters["currency"] = format_currency
    for_scripts = {language: texts(language) for language in offered}

    @app.context_processor
    def _speak() -> dict[str, object]:
        locale = get_locale()
        language = locale.language if locale else "en"
        return {
            "language": language,
            "direction": direction(language),
            "languages": [(code, LANGUAGES[code].name) for code in offered],
            "right_to_left": [code for code in offered if LANGUAGES[code].right_to_left],
            "texts": for_scripts,
        }
