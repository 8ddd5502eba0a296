"""The languages of the pages, for templates and scripts alike."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import Babel, format_currency, get_locale

from common.languages import LANGUAGES
from common.texts import TRANSLATIONS, texts
from store import Site


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
        app, default_locale="en", default_translation_directories=str(TRANSLATIONS),
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
