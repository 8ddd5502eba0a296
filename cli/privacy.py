"""`fittingroom privacy`: the privacy record, and documents made from it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from cli.common import print_json, say, site_option
from services.privacy import LANGUAGES, Language, read_record, write_papers
from store import Site
from web.readers import list_readers


@click.group()
def privacy() -> None:
    """Show from the live configuration what is processed, stored, how long, and who can read it."""


@privacy.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(site: Site, as_json: bool) -> None:
    """Print the privacy record."""
    record = read_record(site, time.time(), list_readers())
    if as_json:
        print_json(record.as_json())
        return
    click.echo(f"{record.shop}, {record.date}")
    for camera in record.cameras:
        stands = f"confirmed by {camera.confirmed_by}" if camera.confirmed_by else "NOT USED"
        click.echo(
            f"  camera {camera.name}: gates to {', '.join(camera.rooms) or 'no room'}; "
            f"{camera.masked:.0%} masked, {stands}"
        )
    for kept in record.kept:
        readers = ", ".join(kept.readers) or "nobody"
        click.echo(f"  {kept.what}: until {kept.until}; read by {readers}")
    roles = ", ".join(f"{count} {role}" for role, count in record.accounts.items())
    click.echo(f"  accounts: {roles}")
    if record.open_doors:
        click.echo("  web.open is true: ANYBODY WHO REACHES THE SERVER CAN READ ALL OF THIS.")
    for film in record.films:
        click.echo(f"  film of {film['camera']}, recorded by {film['by']}: {film['consent']}")


@privacy.command()
@site_option
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(LANGUAGES),
    help="Language of the documents (default: both).",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder (default: `privacy` in the site)."
)
def papers(site: Site, languages: tuple[Language, ...], out: Path | None) -> None:
    """Write the door sign, the privacy notice, a purpose sheet per camera and a draft DPIA."""
    record = read_record(site, time.time(), list_readers())
    for language in languages or LANGUAGES:
        for path in write_papers(record, language, out or site.folder / "privacy"):
            click.echo(str(path))
    if not record.controller:
        say("Set privacy.controller in fittingroom.toml: the documents must name the controller.")
