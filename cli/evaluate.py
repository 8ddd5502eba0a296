"""`fittingroom evaluate`: measure the shipped weights on your own data."""

from __future__ import annotations

from pathlib import Path

import click
import cv2

from cli.common import print_json, progress, say
from models.extra import require_training_extra
from models.training.data import HOLD_OUT


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Data folder; its layout is in docs/how-to/training.md.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/evaluation"),
    show_default=True,
    help="Folder for report.html and report.json.",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(
        ("detection", "people", "parser", "retrieval", "learning", "stock", "crossings", "films")
    ),
    help="Measure only this part; may be repeated.",
)
@click.option("--scenes", default=500, show_default=True, type=click.IntRange(1))
@click.option("--queries", default=1000, show_default=True, type=click.IntRange(10))
@click.option("--clips", default=3, show_default=True, type=click.IntRange(1),
              help="Clips of each situation, and refills of each empty-handed person.")  # fmt: skip
@click.option(
    "--people",
    type=click.Path(path_type=Path),
    default=None,
    help="Data folder with people for retrieval, if --data has articles only.",
)
@click.option(
    "--hold-out",
    default=HOLD_OUT,
    show_default=True,
    type=click.IntRange(2),
    help="One style in N was held out: 2 for the second shop of a training.",
)
@click.option(
    "--articles",
    default=None,
    type=click.IntRange(2),
    help="Size of the gallery, garments of held-out styles first (default: all articles).",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of a trained embedder to measure (default: the shipped one).",
)
@click.option(
    "--save-stock",
    is_flag=True,
    help="Write the prior by the stock that `stock` fits into the manifest in --weights.",
)
@click.option(
    "--film",
    "films",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A film of people, such as a street: its count is compared with that of COCO's detector.",
)
def evaluate(
    data: Path,
    out: Path,
    only: tuple[str, ...],
    scenes: int,
    queries: int,
    clips: int,
    people: Path | None,
    hold_out: int,
    articles: int | None,
    weights: Path | None,
    save_stock: bool,
    films: tuple[Path, ...],
) -> None:
    """Measure detection, retrieval, crossings and films on held-out people and styles."""
    if save_stock and weights is None:
        raise click.UsageError("--save-stock needs --weights: the folder whose manifest it writes.")
    if save_stock and only and "stock" not in only:
        raise click.UsageError("--save-stock needs the part that fits it: --only stock.")
    require_training_extra("Evaluation")
    cv2.setNumThreads(1)  # small pictures are simulated faster without OpenCV's own threads
    from services.evaluation.job import Job
    from services.evaluation.run import PARTS
    from services.evaluation.run import evaluate as run

    job = Job(
        data, out, scenes, queries, clips,
        lambda items, total, what: progress(items, total, what, what.removesuffix("s")),
        people, hold_out, articles, weights, films, save_stock,
    )  # fmt: skip
    print_json(run(job, only or PARTS))
    say(f"Wrote {out / 'report.html'} and {out / 'report.json'}.")
