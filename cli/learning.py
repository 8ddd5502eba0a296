"""`fittingroom learning`: what the gallery learned from confirmed garments, and how to undo it."""

from __future__ import annotations

import time
from dataclasses import asdict

import click

from calibration import list_cameras
from cli.common import print_json, say, site_option
from services.learning import check_learned_views, fit_outcomes
from services.site_models import load_site_embedder
from store import Site, StoreError, learning
from store.catalogue import colourways_by_sku
from store.match_outcomes import forget_outcomes, match_outcomes


@click.group(name="learning")
def learning_group() -> None:
    """Show and undo what was learned from garments that shoppers and staff confirmed."""


@learning_group.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(site: Site, as_json: bool) -> None:
    """List what was learned: views of articles, by what confirmed them; cameras' corrections."""
    model = load_site_embedder(site).model
    with site.store.read() as session:
        found = learning.list_learned(session)
        known = {name: match_outcomes(session, name, model) for name in list_cameras(site.folder)}
    cameras = {name: (len(some), fit_outcomes(some)) for name, some in known.items()}
    if as_json:
        corrected = {
            name: {"matches": count, **(line._asdict() if line else {})}
            for name, (count, line) in cameras.items()
        }
        learned = list(map(asdict, found))
        print_json(
            {"learn": site.settings.matching.learn, "articles": learned, "cameras": corrected}
        )
        return
    for one in found:
        said = ", ".join(f"{count} by {source}" for source, count in one.views.items())
        waits = f"; {one.waiting} of them wait" if one.waiting else ""
        click.echo(f"{one.sku}\t{said}{waits}")
    views = sum(sum(one.views.values()) for one in found)
    say(f"{views} views of {len(found)} articles were learned.")
    if waiting := sum(one.waiting for one in found):
        say(f"{waiting} of them wait: their label is doubtful, or was not checked yet.")
    for name, (count, line) in cameras.items():
        if line is None:
            say(f"{name}: the outcome of {count} matches is known, too few to correct by.")
        else:
            half = f"{line.apply(0.5):.2f}"
            say(f"{name}: corrected by {count} matches; a probability of 0.50 becomes {half}.")
    if not site.settings.matching.learn:
        say("The setting matching.learn is false: nothing more is learned.")


@learning_group.command()
@click.argument("skus", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Of all articles.")
@site_option
def undo(site: Site, skus: tuple[str, ...], everything: bool) -> None:
    """Delete what was learned of some articles, by SKU, or of all, with cameras' corrections."""
    if bool(skus) == everything:
        raise StoreError("Name the SKUs of articles, or say --all.")
    now, gone = time.time(), 0
    with site.store.write() as session:
        if everything:
            gone = learning.undo(session, now)
            forget_outcomes(session)
        known = colourways_by_sku(session, skus)
        for sku in skus:
            if sku not in known:
                raise StoreError(f"No article {sku!r} in the catalogue.")
            gone += learning.undo(session, now, known[sku])
    say(f"Deleted {gone} learned views. Cameras restart without them.")


@learning_group.command()
@site_option
def check(site: Site) -> None:
    """Compare learned views with all articles; the server does so twice a day.

    Views whose label is wrong are deleted, doubtful ones wait, and of many views of an article
    the most telling ones stay.
    """
    found = check_learned_views(site, time.time())
    say(f"Deleted {found.wrong} views with a wrong label and {found.spare} that others replace.")
    say(f"{found.doubtful} views wait, since their label is doubtful.")
