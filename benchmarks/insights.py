"""How far the figures of `/insights` are off on simulated days whose truth is known.

    python -m benchmarks.insights [--seeds 30] [--visits 120] [--mixture measured] [--markdown]

Each seed is a day with trade in a shop of its own, as in `benchmarks.day`; the page's own figures
of that day are compared with what really happened.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from services.evaluation.day.habits import Habits
from services.evaluation.day.insights import Compared, InsightsScenario, compare_days
from services.insights.headlines import LABELS


def summarise(days: Sequence[Sequence[Compared]]) -> dict[str, dict[str, Any]]:
    """Summarise each figure over the days: mean truth, how far off, how often covered."""
    by_name: Mapping[str, list[Compared]] = defaultdict(list)
    for day in days:
        for one in day:
            by_name[one.name].append(one)
    return {name: _summary(by_name[name]) for name in LABELS if name in by_name}


def _summary(found: Sequence[Compared]) -> dict[str, Any]:
    truth, value = (np.array([getattr(c, k) for c in found]) for k in ("truth", "value"))
    off = (value - truth)[truth != 0] / truth[truth != 0]
    stated = any(c.low is not None and c.low != c.high for c in found)
    return {
        "truth": float(truth.mean()),
        "off": float(off.mean()),
        "off_absolute": float(np.abs(off).mean()),
        "covered": float(np.mean([c.covered for c in found])) if stated else None,
        "days": len(found),
    }


def _markdown(summary: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        "| figure of a day | truth, mean | off, mean | off, without sign | truth in the interval |",
        "|---|---|---|---|---|",
    ]
    for name, row in summary.items():
        truth = f"{row['truth']:.2f}" if row["truth"] < 20 else f"{row['truth']:.0f}"
        covered = "–" if row["covered"] is None else f"{row['covered']:.0%} of {row['days']} days"
        lines.append(
            f"| {LABELS[name][0]} | {truth} | {row['off']:+.1%} | {row['off_absolute']:.1%} "
            f"| {covered} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the summary as JSON, or as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="number of days")
    parser.add_argument("--first", type=int, default=0, help="seed of the first day")
    parser.add_argument("--visits", type=int, default=120, help="parties a day")
    parser.add_argument("--mixture", choices=("none", "measured", "hard"), default="measured")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    scenario = InsightsScenario(Habits(visits=given.visits), mixture=given.mixture)
    days = []
    with tempfile.TemporaryDirectory() as folder:
        seeds = range(given.first, given.first + given.seeds)
        for found in compare_days(scenario, seeds, Path(folder)):
            days.append(found)
            print(f"{len(days)} of {given.seeds}", file=sys.stderr, flush=True)
    summary = summarise(days)
    if given.markdown:
        print(_markdown(summary))
        return
    plain = [[asdict(one) for one in day] for day in days]
    print(json.dumps({"summary": summary, "days": plain}, indent=2))


if __name__ == "__main__":
    main()
