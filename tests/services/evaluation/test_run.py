"""A gallery of a part of a shop's articles; the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from models.training.data import Article, held_out
from services.evaluation.job import Job, Mistake
from services.evaluation.plots import Plot
from services.evaluation.run import limit_articles, write_report


def test_a_smaller_gallery_keeps_held_out_garments() -> None:
    articles = [
        Article(f"A{n}", f"S{n}", "shoes" if n % 4 == 0 else "top", Path(f"{n}.jpg"))
        for n in range(60)
    ]
    job = Job(Path(), Path(), 1, 10, 1, lambda items, _total, _what: items, one_in=2)
    queried = [a for a in articles if a.category == "top" and held_out(a.style, 2)]
    kept = limit_articles(articles, replace(job, articles=len(queried) + 5))
    assert set(queried) < set(kept)
    assert len(kept) == len(queried) + 5
    assert [a.sku for a in kept] == [a.sku for a in articles if a in kept]
    assert limit_articles(articles, job) == articles
    assert limit_articles(articles, replace(job, articles=100)) == articles


def test_the_report_shows_plots_figures_and_mistakes_of_each_part(tmp_path: Path) -> None:
    report = {"retrieval": {"track": {"top1": 0.5}, "lookalikes": {"largest": ["A", "B"]}}}
    wide = Plot("retrieval", "Map of the shop", "Neighbours.", "data:image/png;base64,AA", True)
    narrow = Plot("retrieval", "Reliability", "The line.", "data:image/png;base64,BB")
    other = Plot("detection", "Not of this part", "", "data:image/png;base64,CC")
    wrong = Mistake("retrieval", "A matched to <B>", np.zeros((40, 30, 3), np.uint8))
    write_report(tmp_path / "out", report, [wrong], [wide, narrow, other])
    page = (tmp_path / "out" / "report.html").read_text()
    shown = ["Reliability", "Map of the shop", "A, B", "A matched to &lt;B&gt;"]
    places = [page.index(text) for text in shown]
    assert places == sorted(places)
    assert "Not of this part" not in page
    assert "data:image/jpeg;base64," in page
    assert (tmp_path / "out" / "report.json").read_text().startswith("{")
