"""A simulated day at the fitting rooms, played to the product: what screens show, and the truth.

    python -m benchmarks.day [--seeds 30] [--visits 120] [--mixture measured]
                             [--gates area] [--badges] [--sensors contact] [--markdown]

Each seed is a day in a shop of its own, on SQLite, without models: crossings go the way that
watchers use, taps that of the pages, and screens show what the page's own function returns.
The figures are means over the days with 95 % intervals (bootstrap of the days).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.evaluation.day.habits import Habits
from services.evaluation.day.simulate import Figures, Scenario, simulate_days

_LABELS = {
    "exact": "screen exactly right, share of the room-seconds with shoppers",
    "exact_always": "the same, of all room-seconds",
    "missing": "garments missing, mean",
    "extra": "garments too many, mean",
    "article": "article right, share of the garments rightly shown",
    "earlier_s": "seconds with an earlier visitor's garment, per 1,000 visits",
    "earlier_seen_s": "of these, after she was seen to leave",
    "earlier_visits": "visits with an earlier visitor's garment, per 1,000",
    "returned": "shoppers decided to have come back who had",
    "returned_found": "shoppers who came back to an empty room and were recognised",
    "moved": "shoppers decided to have changed rooms who had",
    "moved_found": "shoppers who changed rooms and were recognised",
    "requests": "requests that reached the right room",
    "prompts": "prompts to staff that were right",
    "prompts_found": "garments left behind that were prompted for",
}


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean with its 95 % interval, by resampling the days."""
    rng, given = np.random.default_rng(0), np.array(values)
    means = given[rng.integers(0, len(given), (2000, len(given)))].mean(1)
    return float(given.mean()), *(float(v) for v in np.percentile(means, [2.5, 97.5]))


def summarise(days: Sequence[Figures]) -> dict[str, tuple[float, float, float]]:
    """Summarise each figure over the days that have it."""
    found = {name: [d[name] for d in days if d.get(name) is not None] for name in _LABELS}
    return {name: interval(values) for name, values in found.items() if values}


def _markdown(name: str, summary: dict[str, tuple[float, float, float]]) -> str:
    lines = [f"| per day | {name} |", "|---|---|"]
    for key, (mean, low, high) in summary.items():
        digits = 1 if key.startswith("earlier") else 3
        value = f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
        lines.append(f"| {_LABELS[key]} | {value} |")
    return "\n".join(lines)


def main() -> None:
    """Print the figures as JSON, or as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="number of days")
    parser.add_argument("--first", type=int, default=0, help="seed of the first day")
    parser.add_argument("--visits", type=int, default=120, help="parties a day")
    parser.add_argument("--mixture", choices=("none", "measured", "hard"), default="measured")
    parser.add_argument("--one-camera", action="store_true", help="no gate is seen by two cameras")
    parser.add_argument("--gates", choices=("room", "area", "hall"), default="room")
    parser.add_argument("--badges", action="store_true", help="staff wear badges")
    parser.add_argument("--sensors", choices=("contact", "occupancy"), help="at each room")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    scenario = Scenario(
        Habits(visits=given.visits),
        given.mixture,
        not given.one_camera,
        gates=given.gates,
        badges=given.badges,
        sensors=given.sensors,
    )
    started, days = time.process_time(), []
    with tempfile.TemporaryDirectory() as folder:
        seeds = range(given.first, given.first + given.seeds)
        for figures in simulate_days(scenario, seeds, Path(folder)):
            days.append(figures)
            print(f"{len(days)} of {given.seeds}: {figures}", file=sys.stderr, flush=True)
    summary = summarise(days)
    if given.markdown:
        print(_markdown(given.mixture, summary))
        return
    spent = (time.process_time() - started) / len(days)
    print(json.dumps({"seconds_per_day": spent, "summary": summary, "days": days}, indent=2))


if __name__ == "__main__":
    main()
