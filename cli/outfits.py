"""`fittingroom outfits`: outfits from the shop's own articles."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np

from cli.common import print_json, progress, say, show_problems, site_option
from models.colour import Lab
from models.taxonomy import CATEGORIES
from services.outfits.lookbook import LOOKS, compose_book
from services.outfits.reasons import say_why
from services.outfits.recommend import judge_rankings
from services.outfits.stylist import Garment, ShopStylist, Suggestion, season_now
from store import Session, Site, StoreError, feedback
from store.catalogue import colourways_by_sku, load_colourways, require_articles, sizes_of_variants
from store.schema import Colourway

_UNKNOWN = re.compile(r"([a-z]+):#([0-9a-fA-F]{6})")


@click.group()
def outfits() -> None:
    """Suggest, score and compose outfits."""


@outfits.command()
@click.argument("skus", metavar="SKU...", nargs=-1, required=True)
@site_option
@click.option("--count", default=10, show_default=True, type=click.IntRange(1, 1000))
@click.option("--language", default="en", show_default=True, help="Language of the reasons.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def suggest(site: Site, skus: tuple[str, ...], count: int, language: str, as_json: bool) -> None:
    """Suggest outfits around carried articles.

    Give an unknown garment as CATEGORY:#RRGGBB, for example dress:#203060. The SKU of a size limits
    outfits to that size.
    """
    stylist = ShopStylist(site)
    with site.store.read() as session:
        require_articles(session)
        garments = [_garment(session, text) for text in skus]
        sizes = sizes_of_variants(session, skus)
        stylist.state(session).shop.prepare()
        started = time.perf_counter()
        season = season_now(site, time.time())
        found = stylist.suggest(session, garments, count, season=season, sizes=sizes)
        took_ms = (time.perf_counter() - started) * 1000
        ways = load_colourways(session, {key for outfit in found for key in outfit.keys})
        suggested = [_as_json(ways, outfit, garments, language) for outfit in found]
    if as_json:
        print_json({"outfits": suggested, "milliseconds": round(took_ms, 1)})
        return
    for number, outfit in enumerate(suggested, 1):
        pieces = ", ".join(f"{p['title']} ({p['sku']})" for p in outfit["pieces"])
        click.echo(f"{number:3}. {outfit['score']:6.2f} {outfit['source']:8} {pieces}")
        click.echo(f"     {outfit['why']}")
    say(f"{len(suggested)} outfits in {took_ms:.0f} ms.")


def _garment(session: Session, text: str) -> Garment:
    if unknown := _UNKNOWN.fullmatch(text):
        category, colour = unknown.groups()
        if category not in CATEGORIES:
            raise StoreError(f"{text}: no category {category!r}; known: {', '.join(CATEGORIES)}.")
        return Garment(None, category, _lab(colour))
    key = colourways_by_sku(session, [text]).get(text)
    if key is None:
        raise StoreError(
            f"No article {text!r} in the catalogue. Give an unknown garment as CATEGORY:#RRGGBB."
        )
    colourway = load_colourways(session, [key])[key]
    lightness, a, b = colourway.lab
    return Garment(key, colourway.article.category, (lightness, a, b))


def _lab(colour: str) -> Lab:
    bgr = [int(colour[n : n + 2], 16) / 255 for n in (4, 2, 0)]
    lab = cv2.cvtColor(np.array([[bgr]], np.float32), cv2.COLOR_BGR2LAB)[0, 0]
    return float(lab[0]), float(lab[1]), float(lab[2])


def _as_json(
    ways: Mapping[int, Colourway], outfit: Suggestion, garments: Sequence[Garment], language: str
) -> dict[str, Any]:
    titles = {key: ways[key].article.title for key in outfit.keys}
    carried = {garments[n].key for n in outfit.carried}
    unknown = next((garments[n].category for n in outfit.carried if garments[n].key is None), "")
    return {
        "score": round(outfit.score, 4),
        "source": outfit.source,
        "pieces": [
            {
                "sku": ways[key].sku,
                "title": titles[key],
                "category": ways[key].article.category,
                "colour": ways[key].colour,
                "carried": key in carried,
            }
            for key in outfit.keys
        ],
        "why": say_why(outfit.reason, titles, unknown, language),
    }


@outfits.command()
@click.argument("file", type=click.Path(path_type=Path))
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, the only output format.")
def score(site: Site, file: Path, as_json: bool) -> None:
    """Score candidates by their compatibility with a context.

    Each line of FILE is {"context": [sku, ...], "candidates": [sku, ...]}; the command prints one
    line {"scores": [...]} for each. Higher is better; 0 is chance.
    """
    stylist = ShopStylist(site)
    with site.store.read() as session:
        require_articles(session)
        questions = _read_questions(session, file)
        for context, candidates in questions:
            scores = stylist.score(session, context, candidates)
            print_json({"scores": [round(n, 5) for n in scores]})


def _read_questions(session: Session, file: Path) -> list[tuple[list[int], list[int]]]:
    """Read and validate all lines before the first is scored."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file}: cannot be read ({error}).") from error
    questions: list[tuple[int, list[str], list[str]]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            questions.append((number, *_question(line, f"{file}, line {number}")))
    skus = {sku for _, *both in questions for some in both for sku in some}
    known = colourways_by_sku(session, skus)
    for number, *both in questions:
        for sku in (*both[0], *both[1]):
            if sku not in known:
                raise StoreError(f"{file}, line {number}: no article {sku!r} in the catalogue.")
    return [([known[s] for s in one], [known[s] for s in other]) for _, one, other in questions]


def _question(line: str, where: str) -> tuple[list[str], list[str]]:
    try:
        data = json.loads(line)
        context, candidates = data["context"], data["candidates"]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f'{where}: not {{"context": [sku, ...], "candidates": [sku, ...]}} ({error}).'
        ) from error
    for name, given in (("context", context), ("candidates", candidates)):
        if not isinstance(given, list) or not all(isinstance(sku, str) for sku in given):
            raise StoreError(f"{where}: {name!r} is not a list of SKUs.")
    return context, candidates


@outfits.command()
@site_option
@click.option("--count", default=LOOKS, show_default=True, type=click.IntRange(1, 1000))
def compose(site: Site, count: int) -> None:
    """Compose the shop's look book from stock; looks that staff judged stay."""
    with site.store.read() as session:
        require_articles(session)
    book = compose_book(
        site,
        ShopStylist(site),
        time.time(),
        count,
        lambda numbers: progress(numbers, count, "looks", "look"),
    )
    say(
        f"{len(book.outfits)} looks of {book.used} articles: "
        f"{book.coverage:.0%} of the {book.usable} wearable articles in stock."
    )


@outfits.command(name="import-sales")
@click.argument("file", type=click.Path(path_type=Path))
@site_option
def import_sales(site: Site, file: Path) -> None:
    """Import sales from a CSV with the columns receipt, time, sku and, optionally, quantity."""
    with site.store.write() as session:
        report = feedback.import_sales(session, file)
    show_problems(report.problems, file)
    say(
        f"{report.added} sales added, {report.known} already known, {len(report.problems)} lines "
        f"skipped; {report.credited} outfits shown earlier led to a sale."
    )


@outfits.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def value(site: Site, as_json: bool) -> None:
    """Estimate the value of rankings from this shop's log (off-policy evaluation)."""
    with site.store.read() as session:
        rows = feedback.outcomes(session)
    estimate = judge_rankings(rows)
    if as_json:
        print_json(estimate)
        return
    if not estimate["visits"]:
        say("No outfits were shown yet, so there is nothing to evaluate.")
        return
    click.echo(
        f"{estimate['visits']} visits, {estimate['shown']} outfits shown, "
        f"{estimate['reactions']} with a reaction."
    )
    for name in ("as shown", "stylist's order", "learned order"):
        mean, error = estimate[name]["value"], estimate[name]["error"]
        click.echo(f"{name:16} {mean:.4f} ± {error:.4f} per visit")
