"""`fittingroom insights`: the figures of a period, and the daily summary."""

from __future__ import annotations

import json
import time
from datetime import date, datetime, timedelta

import click

from cli.common import print_json, say, site_option
from services.insights.columns import write_interval, write_value
from services.insights.headlines import read_headlines
from services.insights.period import MOST_DAYS, Period
from services.insights.report import read_report
from services.insights.tables import as_json, read_tables
from services.summary.message import as_text, read_summary
from services.summary.schedule import due_day
from services.summary.sending import channels, send_summary
from store import Site, StoreError

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def insights() -> None:
    """Show the figures of a period; send the summary of a day."""


@insights.command()
@site_option
@click.option("--from", "first", type=_DAY, help="First day (default: four weeks ago).")
@click.option("--to", "last", type=_DAY, help="Last day (default: today).")
@click.option("--json", "as_object", is_flag=True, help="Print all tables as one JSON object.")
def show(site: Site, first: datetime | None, last: datetime | None, as_object: bool) -> None:
    """Print the figures of a period with their 95 % intervals."""
    today = date.today()
    end = last.date() if last else today
    start = first.date() if first else end - timedelta(days=27)
    if not 0 <= (end - start).days < MOST_DAYS:
        raise StoreError(f"--from must not be after --to, and at most {MOST_DAYS} days before it.")
    with site.store.read() as session:
        report = read_report(session, site, Period(start, end), today)
        tables = read_tables(session, report, time.time())
    if as_object:
        print_json({name: json.loads(as_json(rows)) for name, rows in tables.items()})
        return
    headlines = read_headlines(report)
    for one in headlines:
        interval = write_interval(one.now, one.unit)
        before = f"  before {write_value(one.before, one.unit)}" if one.before else ""
        verdict = f", {one.verdict}" if one.verdict else ""
        value = write_value(one.now, one.unit)
        click.echo(f"{one.label:28} {value:>9}  {interval:16}{before}{verdict}".rstrip())
    if not headlines:
        say("Fewer than five visits in these days: nothing is shown.")


@insights.command()
@site_option
@click.option("--day", type=_DAY, help="Which day (default: the last one that is over).")
@click.option("--again", is_flag=True, help="Also if it was sent already.")
@click.option("--print", "only_print", is_flag=True, help="Print it and send nothing.")
def send(site: Site, day: datetime | None, again: bool, only_print: bool) -> None:
    """Send the summary of a day by e-mail and webhook, as the server does after closing."""
    now = time.time()
    wanted = day.date() if day else due_day(site.settings, now) or date.today()
    if only_print:
        with site.store.read() as session:
            click.echo(as_text(read_summary(session, site, wanted, now)), nl=False)
        return
    if not channels(site):
        raise StoreError(
            "No recipient of the summary is set: set summary.email or summary.webhook."
        )
    failed = False
    for channel in channels(site):
        outcome = send_summary(site, wanted, channel, now, again)
        said = outcome or "was sent before, or is tried again later; --again sends it now"
        say(f"{wanted} by {channel}: {said}")
        failed = failed or outcome not in (None, "sent")
    if failed:
        raise click.exceptions.Exit(1)
