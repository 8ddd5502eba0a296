"""`fittingroom catalogue`: import articles and looks, match pictures."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from cli.common import print_json, progress, say, show_problems, site_option
from common.tables import Problem
from models.simulation.cutout import read_image
from services.catalogue.importing import import_feed
from services.catalogue.indexing import index
from services.catalogue.lookalikes import find_lookalikes
from services.catalogue.report import ImportReport, count_by_kind, exit_code
from services.outfits.lookbook import compose_book, import_look_book
from services.outfits.stylist import ShopStylist
from services.site_models import load_site_embedder
from store import Site, StoreError, looks
from store import catalogue as records
from store.rows import Row

#: Most incomplete looks, and articles without a good picture, that are listed one by one.
_SHOWN = 50


@click.group()
def catalogue() -> None:
    """Import articles and looks, and match pictures against the gallery."""


@catalogue.command(name="import")
@click.argument("feed", type=click.Path(path_type=Path))
@site_option
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that relative image_link paths start from (default: the feed's).",
)
@click.option(
    "--partial",
    is_flag=True,
    help="The feed lists only some articles; others stay in stock. Without it, an article that the "
    "feed no longer lists is out of stock.",
)
@click.option(
    "--allow-removals",
    is_flag=True,
    help="The feed is complete, however many articles it no longer lists. Without it, nothing is "
    "taken out of stock where the feed lacks more than 30 % of what is in stock.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_(
    site: Site,
    feed: Path,
    images: Path | None,
    partial: bool,
    allow_removals: bool,
    as_json: bool,
) -> None:
    """Import a product feed; importing again applies changes only.

    FEED is CSV, RSS or Atom with Google's columns, or a Shopify export. Exit code: 0 every row was
    used, 1 rows were skipped or the feed is too short, 2 nothing could be used.
    """
    folder = images or feed.parent
    if not folder.is_dir():
        raise StoreError(f"{folder}: no such folder of pictures.")

    def bar(rows: Iterable[Row | Problem], total: int) -> Iterable[Row | Problem]:
        return progress(rows, total, "articles", "row")

    started = time.monotonic()
    report = import_feed(
        site,
        feed,
        folder,
        time.time(),
        bar,
        _pictures,
        partial=partial,
        allow_removals=allow_removals,
    )
    if as_json:
        print_json(report.as_json())
    _print_report(report, feed, time.monotonic() - started)
    with site.store.read() as session:
        composed = looks.has_composed(session)
    if (report.added or report.changed or report.removed) and composed:
        book = compose_book(site, ShopStylist(site), time.time())
        say(f"Composed the look book again: {len(book.outfits)} looks.")
    sys.exit(report.exit_code)


def _print_report(report: ImportReport, feed: Path, took_s: float) -> None:
    show_problems(report.problems, feed)
    show_problems(report.notes, feed)
    done = report.added + report.changed
    rate = f" ({describe_rate(done, took_s)})." if done else "."
    say(
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.removed} out of stock, {len(report.problems)} skipped{rate}"
    )
    for what, problems in (("skipped", report.problems), ("noted", report.notes)):
        for kind, count in count_by_kind(problems).items():
            say(f"  {count} {what}: {kind}")
    _print_poor(report)
    if report.kept_because:
        say(f"Nothing was taken out of stock: {report.kept_because}.")


def _print_poor(report: ImportReport) -> None:
    """Print which articles have no good picture, and how many were cut out of photos."""
    if report.cut_out:
        say(f"{report.cut_out} articles are worn in every picture, and were cut out of it.")
    for poor in report.poor[:_SHOWN]:
        say(f"{poor.sku}: no good picture: {poor.reason} ({poor.link}).")
    if len(report.poor) > _SHOWN:
        say(f"… and {len(report.poor) - _SHOWN} more articles without a good picture.")
    for reason, count in Counter(poor.reason for poor in report.poor).most_common():
        say(f"  {count} without a good picture: {reason}")


def describe_rate(count: int, seconds: float) -> str:
    """Describe a rate per second, or per minute on a slow machine."""
    rate = count / max(seconds, 1e-3)
    if round(rate) >= 1:
        return f"{rate:.0f} per second"
    return f"{rate * 60:.0f} per minute" if rate * 60 >= 1 else f"{seconds / count:.0f} s each"


def _pictures(missing: Sequence[Any]) -> Iterable[Any]:
    return progress(missing, len(missing), "pictures", "picture")


@catalogue.command(name="import-looks")
@click.argument("file", type=click.Path(path_type=Path))
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_looks(site: Site, file: Path, as_json: bool) -> None:
    """Import stylists' outfits from a CSV with the columns outfit and sku.

    An sku is the number of a size (id), a colour or a style (item_group_id). Exit code: 0 all looks
    are imported and complete, 1 lines were skipped or looks lack articles, 2 no look was usable.
    """
    report = import_look_book(site, file, time.time())
    if as_json:
        print_json(report.as_json())
    show_problems(report.problems, file)
    for look in report.incomplete[:_SHOWN]:
        say(f"{file}: {look}")
    if len(report.incomplete) > _SHOWN:
        say(f"… and {len(report.incomplete) - _SHOWN} more looks.")
    say(
        f"{report.added} looks added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.refused} refused, {len(report.incomplete) - report.refused} incomplete, "
        f"{len(report.problems)} lines skipped."
    )
    sys.exit(exit_code(report.used, bool(report.problems or report.incomplete)))


@catalogue.command(name="index")
@site_option
def index_(site: Site) -> None:
    """Embed pictures that lack embeddings of the current weights, after an update."""
    done = index(site, time.time(), _pictures)
    say(f"{done} pictures embedded.")


@catalogue.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def lookalikes(site: Site, as_json: bool) -> None:
    """List articles that no camera can distinguish, the largest group first.

    Shoppers and staff are asked which of them it is; a tag scan says it at once.
    """
    embedder = load_site_embedder(site)
    with site.store.read() as session:
        records.require_articles(session)
        records.require_vectors(session, embedder.model)
        gallery = records.load_embeddings(session, embedder.model)
        groups = find_lookalikes(gallery, embedder.calibration)
        titles = records.titles(session, [sku for group in groups for sku in group.skus])
    for group in groups:
        if as_json:
            print_json(group.as_json())
            continue
        click.echo(f"{len(group.skus)} look alike ({group.category}):")
        for sku in group.skus:
            click.echo(f"  {sku}  {titles[sku]}")
    articles = sum(len(group.skus) for group in groups)
    say(f"{articles} of {len(set(gallery.skus))} articles look like another one.")


@catalogue.command()
@click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def match(site: Site, images: tuple[Path, ...], as_json: bool) -> None:
    """Match pictures that each show one garment, roughly cropped."""
    from services.watching.watcher import build_matcher

    pictures = [(path, read_image(path)) for path in images]
    with site.store.read() as session:
        records.require_articles(session)
    matcher = build_matcher(site)
    for path, picture in pictures:
        found = matcher.match_image(picture)
        if as_json:
            print_json({"image": str(path), **found.as_json()})
        else:
            click.echo(f"{path}: {found.category}, {found.sku or 'unknown'} ({found.score:.2f})")
