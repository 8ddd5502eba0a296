"""Make films from their seeds: plan, simulate, render, develop; resumes frame by frame."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from models.errors import ModelError
from models.simulation.cutout import Cutout
from models.training.films.develop import develop
from models.training.films.makehuman import read_assets
from models.training.films.motion import Cycle, read_motion
from models.training.films.script import Film, plan_films
from models.training.films.shoot import SAMPLES, prepare
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment, packshot_of

Rng = np.random.Generator

#: Garments of our own that the films choose from, and how many hang in the room.
WARDROBE: Final = 60
_HANGING: Final = 14
_RENDERER: Final = "models.training.films.blender"
_ROOT: Final = Path(__file__).resolve().parents[3]


def film_wardrobe(seed: int, count: int = WARDROBE) -> list[Cutout]:
    """Draw the garments of a seed's films; no training draws from this stream."""
    rng = np.random.default_rng([seed, 53])
    return [draw_garment(random_design(rng), f"film-{seed}-{n}") for n in range(count)]


def write_articles(out: Path, garments: Sequence[Cutout]) -> None:
    """Write garments as the articles of a data folder, so that films can be evaluated on it."""
    folder = out / "data" / "articles"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "articles.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["sku", "style", "type", "image"])
        for garment in garments:
            name = f"{garment.sku}.jpg"
            table.writerow([garment.sku, garment.sku, garment.category, name])
            cv2.imwrite(str(folder / "images" / name), packshot_of(garment, 240, 320))


def choose_films(seed: int, garments: Sequence[Cutout], only: Sequence[str]) -> list[Film]:
    """Plan a seed's films, or only those named.

    Raises:
        ModelError: A name is unknown.
    """
    films = plan_films(seed, lambda rng: garments[int(rng.integers(len(garments)))])
    names = [film.name for film in films]
    unknown = [name for name in only if name not in names]
    if unknown:
        raise ModelError(f"{', '.join(unknown)}: no such film; there are {', '.join(names)}.")
    return [film for film in films if not only or film.name in only]


def render(job: Path, python: str, report: Callable[[str], None]) -> None:
    """Render a job by the interpreter that has `bpy`.

    Raises:
        ModelError: The interpreter is missing, has no `bpy`, or the renderer fails.
    """
    command = [python, "-m", _RENDERER, str(job.resolve())]
    try:
        with subprocess.Popen(
            command, cwd=_ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                tail = _follow(process, job.name, report)
            except BaseException:  # a stop too: Popen would wait for the last frame
                process.terminate()
                raise
    except OSError as error:
        raise ModelError(f"{python}: cannot be run ({error.strerror}).") from error
    if process.returncode:
        raise ModelError(f"{job.name}: rendering failed: {' / '.join(tail)}")


def _follow(process: subprocess.Popen[str], name: str, report: Callable[[str], None]) -> list[str]:
    """Report a renderer's frames until it ends, and return its last lines."""
    assert process.stdout is not None
    tail: list[str] = []
    for line in process.stdout:
        tail = [*tail[-4:], line.strip()]
        if re.match(r"frame \d", line):
            report(f"{name}: {line.strip()}")
    return tail


def make_films(
    humans: Path,
    out: Path,
    work: Path,
    seed: int = 0,
    only: Sequence[str] = (),
    python: str = sys.executable,
    samples: int = SAMPLES,
    report: Callable[[str], None] = print,
) -> list[Path]:
    """Make films that are not there yet.

    Args:
        humans: Folder of MakeHuman's files.
        out: Data folder: `clips/NAME.mp4`, `clips/NAME.truth.json`, and the garments as articles.
        work: Folder for jobs and rendered frames, from which an interrupted call goes on.
        seed: Source of all randomness.
        only: Names of films; none means all.
        python: The interpreter that has `bpy`.
        samples: Rays per pixel of a frame.
        report: Called with a line for each frame and film.

    Returns:
        The films made or found.

    Raises:
        ModelError: A file of MakeHuman's is missing, or rendering fails.
    """
    assets, cycle = read_assets(humans), Cycle(read_motion(humans / "walk1.bvh"))
    garments = film_wardrobe(seed)
    films, clips = choose_films(seed, garments, only), out / "clips"
    write_articles(out, garments)
    for film in films:
        if (clips / f"{film.name}.truth.json").is_file():
            continue
        started, job = time.monotonic(), work / f"{film.name}-{film.seed}"
        rng = np.random.default_rng([film.seed, 59])
        hanging = [garments[int(n)] for n in rng.integers(len(garments), size=_HANGING)]
        poster = packshot_of(garments[int(rng.integers(len(garments)))])
        prepare(job, film, assets, cycle, hanging, poster, samples)
        report(f"{film.name}: simulated in {time.monotonic() - started:.0f} s")
        render(job, python, report)
        develop(job, film, clips)
        report(f"{film.name}: {clips / film.name}.mp4 after {time.monotonic() - started:.0f} s")
    return [clips / f"{film.name}.mp4" for film in films]
