"""Measure recognition on real data and write a report as HTML and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import jinja2
import numpy as np

from common.files import write_whole
from common.gallery import Gallery
from common.image import Image
from models.embedders.registry import open_embedder
from models.errors import ModelError
from models.manifest import WEIGHTS
from models.taxonomy import GARMENTS
from models.training.data import Article, held_out, load_articles
from models.training.embedder.queries import embed_gallery
from services.evaluation.crossings import measure_crossings
from services.evaluation.films import measure_films
from services.evaluation.job import Job, Mistake
from services.evaluation.learning import measure_learning
from services.evaluation.parsing import measure_parser
from services.evaluation.people import measure_people
from services.evaluation.plots import Plot, inline
from services.evaluation.recognition import measure_detection, measure_retrieval
from services.evaluation.stock import measure_stock
from vision.match import Matcher

#: The parts of an evaluation.
PARTS: Final = (
    "detection", "people", "parser", "retrieval", "learning", "stock", "crossings", "films"
)  # fmt: skip


def evaluate(job: Job, parts: Sequence[str]) -> dict[str, Any]:
    """Measure some parts, and write `report.json` and `report.html`.

    Raises:
        ModelError: Data or weights are missing, or the report cannot be written.
        VisionError: A film cannot be read.
    """
    report: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    plots: list[Plot] = []
    articles = limit_articles(load_articles(job.data), job)
    if "detection" in parts:
        report["detection"] = measure_detection(job, mistakes, plots)
    if "people" in parts:
        report["people"] = measure_people(job, mistakes)
    if "parser" in parts:
        embedder = open_embedder(folder=job.weights or WEIGHTS)
        report["parser"] = measure_parser(job, embedder, load_articles(job.data), mistakes)
    if set(parts) - {"detection", "people", "parser"}:
        embedder = open_embedder(folder=job.weights or WEIGHTS)
        gallery = embed_gallery(embedder, articles, job.out / "gallery.npz")
        skus, categories = (a.sku for a in articles), (a.category for a in articles)
        shop = Gallery(gallery.embedding, tuple(skus), tuple(categories), gallery.local_features)
        matcher = Matcher(embedder, shop)
        if "retrieval" in parts:
            report["retrieval"] = measure_retrieval(
                job, embedder, gallery, articles, mistakes, plots
            )
        if "learning" in parts:
            report["learning"] = measure_learning(job, embedder, gallery, articles)
        if "stock" in parts:
            report["stock"] = measure_stock(job, embedder, gallery, articles)
        if "crossings" in parts:
            report["crossings"] = measure_crossings(job, matcher, mistakes)
        if "films" in parts:
            report["films"] = measure_films(job, matcher, mistakes)
    write_report(job.out, report, mistakes, plots)
    return report


def limit_articles(articles: list[Article], job: Job) -> list[Article]:
    """Limit the gallery to `job.articles`, garments of held-out styles first."""
    if job.articles is None or job.articles >= len(articles):
        return articles
    order = [int(n) for n in np.random.default_rng(0).permutation(len(articles))]
    order.sort(key=lambda n: not _held(articles[n], job.one_in))
    return [articles[n] for n in sorted(order[: job.articles])]


def _held(article: Article, one_in: int) -> bool:
    return article.category in GARMENTS and held_out(article.style, one_in)


def write_report(
    out: Path, report: dict[str, Any], mistakes: Sequence[Mistake], plots: Sequence[Plot]
) -> None:
    """Write `report.json` and `report.html` into a folder.

    Args:
        out: The folder; it is made.
        report: The figures of each part.
        mistakes: Pictures of wrong results.
        plots: Of the parts.

    Raises:
        ModelError: They cannot be written.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("services.evaluation", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    shown = [(m.part, m.text, _shrink(m.image)) for m in mistakes]
    page = environment.get_template("report.html").render(
        report=report, mistakes=shown, plots=plots
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / "report.json", json.dumps(report, indent=2) + "\n")
        write_whole(out / "report.html", page)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written ({error.strerror}).") from error


def _shrink(image: Image) -> str:
    scale = min(1.0, 420 / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return inline(np.asarray(small, np.uint8))
