"""Measure the parser of catalogue pictures, and what it is worth to recognition.

Where a shop has photos of people only, an article is found by its photo embedded whole, by what
the parser cuts out, or by what truly is the article; its packshot would be best. Each is measured
as a shop's only picture of its articles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from models.appearance import Shot, embed_articles
from models.embedders.protocol import GarmentEmbedder
from models.matching import GalleryFeatures
from models.parsers.garment import find_article
from models.parsers.protocol import GarmentParser
from models.parsers.registry import open_parser
from models.simulation.cutout import read_image
from models.taxonomy import GARMENTS
from models.training.data import Article, held_out
from models.training.embedder.queries import simulate_tracks
from models.training.embedder.retrieval import compute_metrics, query_gallery
from models.training.parser.dressed import Dressed, Models, dress_all
from models.training.parser.evaluation import Overlaps, measure_overlap, measure_packshots
from services.evaluation.job import Job, Mistake

#: Packshots that are looked at, articles that are worn, and those of them that are looked up.
_PACKSHOTS: Final = 1000
_WORN: Final = 400
_QUERIES: Final = 200
#: Mistakes that the report shows of each sort.
_SHOWN: Final = 12


def measure_parser(
    job: Job, embedder: GarmentEmbedder, articles: Sequence[Article], mistakes: list[Mistake]
) -> dict[str, Any]:
    """Measure a parser on held-out people, on packshots, and on people dressed in articles.

    Args:
        job: The evaluation; `job.people` has the people where `job.data` has articles only.
        embedder: Embeds what was cut out.
        articles: Of the data folder.
        mistakes: Takes the worst.

    Raises:
        ModelError: Photos of people, articles or weights are missing.
    """
    parser = open_parser()
    people = job.people or job.data
    report: dict[str, Any] = {}
    for name, studio in (("as_photographed", False), ("in_a_studio", True)):
        found = measure_overlap(
            parser, people, studio, lambda paths: job.progress(paths, len(paths), "photos")
        )
        report[name] = found.figures()
        mistakes += _worst(name, found)
    some = _sample(articles, _PACKSHOTS)
    report["packshots"], wrong = measure_packshots(
        parser, some, lambda found: job.progress(found, len(found), "packshots")
    )
    mistakes += [Mistake("parser", text, image) for text, image in wrong[:_SHOWN]]
    report["retrieval"] = _measure_retrieval(job, parser, embedder, articles)
    return report


def _sample(articles: Sequence[Article], most: int) -> list[Article]:
    order = np.random.default_rng(3).permutation(len(articles))[:most]
    return [articles[int(n)] for n in order]


def _worst(name: str, found: Overlaps) -> list[Mistake]:
    worst = sorted(found.shown, key=lambda shown: shown[1])[:_SHOWN]
    mistakes = []
    for category, overlap, photo, truth, mask in worst:
        sides = [
            photo // np.where(part, 1, 4).astype(np.uint8)[..., None] for part in (truth, mask)
        ]
        text = f"{name}: {category}, IoU {overlap:.2f}: photo, truth, found"
        mistakes.append(Mistake("parser", text, np.hstack([photo, *sides])))
    return mistakes


def _measure_retrieval(
    job: Job, parser: GarmentParser, embedder: GarmentEmbedder, articles: Sequence[Article]
) -> dict[str, Any]:
    """Measure which articles are found by each way to embed photos of people who wear them."""
    people = job.people or job.data
    held = [a for a in articles if a.category in GARMENTS and held_out(a.style, job.one_in)]
    most = min(job.articles or _WORN, _WORN)
    worn = dress_all(Models(people), _sample(held, most), seed=5)
    shop = [a for a in held if a.sku in worn]
    queries = min(job.queries, _QUERIES)
    tracks = simulate_tracks(embedder, people, shop, queries, one_in=job.one_in)
    report: dict[str, Any] = {"articles": len(shop), "tracks": len(tracks)}
    for name, shot_of in _ways(parser, worn).items():
        shots = [shot_of(a) for a in job.progress(shop, len(shop), name)]
        vectors, cells = zip(*embed_articles(embedder, shots), strict=True)
        gallery = GalleryFeatures(np.stack(vectors), np.stack(cells))
        figures = compute_metrics(query_gallery(tracks, gallery, shop))[str(len(shop))]
        report[name] = {key: figures[key] for key in ("top1", "top5")}
    return report


def _ways(parser: GarmentParser, worn: dict[str, Dressed]) -> dict[str, Callable[[Article], Shot]]:
    def whole(article: Article) -> Shot:
        return Shot(worn[article.sku].image, article.category)

    def cut_out(article: Article) -> Shot:
        image = worn[article.sku].image
        return Shot(image, article.category, find_article(parser, image, article.category).alpha)

    def truth(article: Article) -> Shot:
        return Shot(worn[article.sku].image, article.category, worn[article.sku].alpha)

    def packshot(article: Article) -> Shot:
        return Shot(read_image(article.image), article.category)

    return {"photos": whole, "cut_outs": cut_out, "true_cut_outs": truth, "packshots": packshot}
