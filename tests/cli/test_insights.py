from __future__ import annotations

import json
from pathlib import Path

from store import Site
from store.summaries import claim
from tests.cli.test_cli import refused, run
from tests.services.summary.conftest import CLOSED, day_shop
from tests.services.summary.test_sending import DAY

__all__ = ["day_shop"]

SPAN = ("--from", "2026-05-20", "--to", "2026-05-29")


def settings(site: Site, text: str) -> None:
    file = site.folder / "fittingroom.toml"
    file.write_text(file.read_text().replace("[summary]", f"[summary]\n{text}"))


def test_the_figures_of_a_period(day_shop: Site) -> None:
    shown = run("insights", "show", *SPAN, "--site", day_shop.folder)
    assert shown.returncode == 0, shown.stderr
    lines = dict(line.split("  ", 1) for line in shown.stdout.splitlines())
    assert lines["Declined"].split() == ["6"]
    data = json.loads(run("insights", "show", *SPAN, "--json", "--site", day_shop.folder).stdout)
    assert data["refused"][0]["article"]["number"] == "T1-M"
    refused(run("insights", "show", "--from", "2026-06-01", "--to", "2026-05-01",
                "--site", day_shop.folder), "--from must not be after --to")  # fmt: skip


def test_a_summary_can_be_tried(day_shop: Site, tmp_path: Path) -> None:
    day = ("--day", DAY.isoformat(), "--site", day_shop.folder)
    printed = run("insights", "send", "--print", *day)
    assert "Test shop, Friday 2026-05-29: 6 visits" in printed.stdout
    refused(run("insights", "send", *day), "set summary.email or summary.webhook")
    settings(day_shop, 'webhook = "http://127.0.0.1:1/t0ken"')
    failed = run("insights", "send", *day)
    assert failed.returncode == 1
    assert "FITTINGROOM_SUMMARY_SECRET" in failed.stderr
    assert "t0ken" not in failed.stderr
    waits = run("insights", "send", *day)
    assert waits.returncode == 0
    assert "tried again later" in waits.stderr
    assert claim(day_shop, DAY, "webhook", CLOSED + 10**9) == 2
