"""The filmed clip with real articles as the shop; needs the real data."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from calibration import parse_camera
from models.detectors.yolo import YoloDetector
from services.catalogue.importing import import_feed
from services.watching.watcher import build_matcher
from store import Site
from vision.replay import replay

pytestmark = pytest.mark.shared


def write_real_feed(shared: Path, path: Path, every: int, wanted: set[str]) -> Path:
    """Convert every n-th real article, and those wanted, to a Google feed."""
    with (shared / "data/articles/articles.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    with path.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["id", "item_group_id", "title", "image_link", "availability", "price",
                         "color", "product_type"])  # fmt: skip
        for number, row in enumerate(rows):
            if number % every == 0 or row["sku"] in wanted:
                writer.writerow([row["sku"], row["style"], row["type"], row["image"], "in_stock",
                                 "39.99 EUR", row["colour_name_es"], row["type"]])  # fmt: skip
    return path


@pytest.mark.slow
def test_the_three_entries_are_found(shared: Path, site: Site, tmp_path: Path) -> None:
    truth = json.loads((shared / "clips/entrance-a.truth.json").read_text())
    wanted = {g["sku"] for e in truth["events"] for g in e["garments"]}
    feed = write_real_feed(shared, tmp_path / "feed.csv", 30, wanted)
    report = import_feed(site, feed, shared / "data/articles/images", 0.0)
    assert not report.problems
    gate = {"name": "gate", "rooms": ["1"], **truth["gate"]}
    camera = parse_camera({"name": "entrance", "source": "clip", "gate": [gate]}, "test")
    clip = str(shared / "clips/entrance-a.mp4")
    found = list(replay(clip, camera, YoloDetector(), build_matcher(site), 10))
    assert [c.event for c in found] == ["entry"] * 3
    for crossing, event in zip(found, truth["events"], strict=True):
        assert crossing.time == pytest.approx(event["time"], abs=1.0)
        assert len(crossing.garments) == len(event["garments"])
        best = sorted(g.nearest[0].sku for g in crossing.garments)
        assert best == sorted(garment["sku"] for garment in event["garments"])
