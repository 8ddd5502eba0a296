"""A gallery of a part of a shop's articles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from models.training.data import Article, held_out
from services.evaluation.job import Job
from services.evaluation.run import limit_articles


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
