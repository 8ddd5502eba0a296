"""Train the embedder: from any carried view of a garment to its article.

Worker processes render views for as long as the training lasts (`rendering`), a bank on the
device keeps the latest of each article (`bank`), and each step draws articles, two views and
the packshot of each, and changes them a little (`augment`). The views must find their packshot
among those of *all* training articles (a bank of gallery vectors, after Wang et al.,
"Cross-batch memory for embedding learning", CVPR 2020), so near styles and other colourways
of the same style are always among the negatives. Kinds of garment are learned from the same
views and from photos of other garments; cells from some point on, with the trunk. What is
exported is a moving average of the weights.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from models.taxonomy import GARMENTS
from models.training.data import Article, load_articles, people_paths
from models.training.device import find_device, spare_cores
from models.training.embedder.augment import augment_shots, augment_views
from models.training.embedder.bank import Bank, views_kept
from models.training.embedder.losses import any_of, begin_cells, cells_loss, nearness
from models.training.embedder.measure import embed_shots, measure, tensor_of
from models.training.embedder.network import EmbedderNetwork, load_backbone, load_exported
from models.training.embedder.recipe import EmbedderRecipe, Shop
from models.training.embedder.rendering import Material, Renderer
from models.training.embedder.state import Report, Training
from models.training.embedder.views import usable
from models.training.scenes.snapshots import load_snapshots

Clock = Callable[[], float]

#: Bytes that views may take beside all else, without a GPU; of a GPU's free memory, the share.
_VIEW_MEMORY, _VIEW_SHARE = 2e9, 0.3
#: Seconds between checkpoints, and between lines about them.
_SAVE_EVERY, _REPORT_EVERY = 30.0, 10.0
#: Seconds kept for the end of a training by the clock, beside twice what measuring takes.
_ENDING: Final = 4.0
#: Of the time, when training starts with what has been rendered by then.
_PATIENCE: Final = 0.25
#: Views of each held-out garment that the figures are of.
_QUERY_VIEWS: Final = 3


def collect(shops: Sequence[Shop], recipe: EmbedderRecipe) -> tuple[Material, dict[str, range]]:
    """List what is to be rendered: articles of all shops, people and snapshots of the first.

    Args:
        shops: The data folders.
        recipe: How many garments of each shop's held-out styles are queries.

    Returns:
        What to render, and the rows of each shop's articles.

    Raises:
        ModelError: Data is missing.
    """
    articles, trained, queries = list[Article](), list[int](), list[int]()
    rows: dict[str, range] = {}
    for number, shop in enumerate(shops, 1):
        found, first = load_articles(shop.root), len(articles)
        articles += usable(found, False, shop.one_in)
        trained += range(first, len(articles))
        unseen = usable(found, True, shop.one_in)
        garments = [n for n, a in enumerate(unseen, len(articles)) if a.category in GARMENTS]
        random.Random(7).shuffle(garments)  # the same ones whatever the training's seed is
        queries += garments[: recipe.queries] * _QUERY_VIEWS
        articles += unseen
        rows[f"shop {number}"] = range(first, len(articles))
    root = shops[0].root
    material = Material(
        articles,
        trained,
        queries,
        people_paths(root, validation=False),
        people_paths(root, validation=True),
        load_snapshots(root, validation=False),
        recipe.seed,
    )
    return material, rows


def train_embedder(
    shops: Sequence[Shop],
    run: Path,
    recipe: EmbedderRecipe,
    resume: bool = True,
    device: str = "cpu",
    pause_after: float | None = None,
    clock: Clock = time.monotonic,
) -> Path:
    """Train and leave `embedder.pt` and `training.json` in the run folder.

    Args:
        shops: Data folders (layout in `models.training.data`); people, snapshots and weights are
            taken from the first.
        run: Folder for checkpoints and figures; a broken-off run goes on from there.
        recipe: What to train.
        resume: Go on from the run folder's checkpoint.
        device: As `find_device` takes it.
        pause_after: Minutes after which this call saves, measures and returns, whatever is
            left to do; a later call goes on.
        clock: Tells the seconds gone; `recipe.minutes` count from the call.

    Returns:
        The checkpoint's path.

    Raises:
        ModelError: Data or weights are missing.
    """
    began, where = clock(), find_device(device)
    recipe = recipe.for_device(where)
    _set_up(where, recipe)
    run.mkdir(parents=True, exist_ok=True)
    network = _network(shops[0].root, recipe).to(where)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    training = Training(network, recipe, run / "embedder.pt")
    if resume and training.checkpoint.is_file():
        training.load()
    if training.finished(recipe):
        return training.checkpoint
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2, default=str))
    material, rows = collect(shops, recipe)
    bank = Bank(material, _views_kept(material, where), where)
    _say(
        f"{len(material.trained)} articles in training, {len(material.articles)} in all; "
        f"up to {bank.kept} views of each on {where}, "
        f"{recipe.workers or spare_cores()} workers render them"
    )
    with Renderer(material, recipe.workers or spare_cores()) as renderer:
        pause = math.inf if pause_after is None else 60 * pause_after
        _Run(training, bank, renderer, recipe, rows, lambda: clock() - began, pause).run()
    return training.checkpoint


def _set_up(device: torch.device, recipe: EmbedderRecipe) -> None:
    torch.manual_seed(recipe.seed)
    if device.type == "cuda":
        torch.set_num_threads(1)  # the other cores render
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def _network(root: Path, recipe: EmbedderRecipe) -> EmbedderNetwork:
    network = EmbedderNetwork(frozen=recipe.frozen)
    if recipe.start:
        load_exported(network, recipe.start)
    else:
        load_backbone(network, root / "weights" / "mobilenetv2-imagenet.safetensors")
    return network.train()


def _views_kept(material: Material, device: torch.device) -> int:
    garments = sum(material.articles[row].category in GARMENTS for row in material.trained)
    if device.type == "cuda":
        return views_kept(garments, _VIEW_SHARE * torch.cuda.mem_get_info(device)[0])
    return views_kept(garments, _VIEW_MEMORY)


def _say(line: str) -> None:
    print(f"embedder: {line}", file=sys.stderr, flush=True)


class _Run:
    """One run of a training, from rendering to its figures."""

    def __init__(
        self,
        training: Training,
        bank: Bank,
        renderer: Renderer,
        recipe: EmbedderRecipe,
        shops: Mapping[str, range],
        gone: Clock,
        pause: float,
    ) -> None:
        self._training, self._bank, self._renderer = training, bank, renderer
        self._recipe, self._shops, self._gone, self._pause = recipe, shops, gone, pause
        self._random = torch.Generator().manual_seed(recipe.seed + training.step)
        self._ending = _ENDING
        self._report = Report(training, bank)
        self._vectors = self._maps = torch.zeros(0)

    @property
    def _spent(self) -> float:
        return self._training.spent + self._gone()

    def _share(self) -> float:
        """Return the share of the training that will be done with the next step."""
        if self._recipe.minutes is None:
            return (self._training.step + 1) / max(self._recipe.steps, 1)
        return min(1.0, self._spent / max(60 * self._recipe.minutes - self._ending, 1e-3))

    def _over(self) -> bool:
        if self._recipe.minutes is None:
            return self._training.step >= self._recipe.steps
        return self._share() >= 1

    def run(self) -> None:
        """Wait for the first views, measure, train, measure again, and save."""
        self._fill()
        training, started = self._training, self._gone()
        if not training.before:
            training.before = self._measure("at the start")
            training.measuring = self._gone() - started
        self._ending = _ENDING + 1.5 * training.measuring
        self._refresh()
        saved = reported = self._gone()
        while not self._over() and self._gone() < self._pause - self._ending:
            self._bank.take(self._renderer.arrived())
            self._step()
            if training.step % self._recipe.refresh_every == 0:
                self._refresh()
            if self._gone() - reported >= _REPORT_EVERY:
                _say(self._report.line(self._gone() - reported))
                reported = self._gone()
            if self._gone() - saved >= _SAVE_EVERY:
                training.save(self._spent)
                saved = self._gone()
        if self._over():
            training.progress = 1.0
        training.save(self._spent)
        after = self._measure("at the end")
        figures = {"before": training.before, "after": after, "steps": training.step}
        figures |= {"views": self._bank.rendered, "seconds": round(self._spent)}
        report = json.dumps(figures, indent=2)
        (training.checkpoint.parent / "training.json").write_text(report)

    def _fill(self) -> None:
        """Wait until all packshots and queries are here, and most garments have a view."""
        limit = _PATIENCE * 60 * (self._recipe.minutes or 1e9)
        reported = self._gone()
        while not self._bank.ready(self._recipe.articles_per_step):
            self._bank.take(self._renderer.arrived(patience=1.0))
            if self._bank.complete and self._bank.rendered and self._gone() > limit:
                return
            if self._gone() - reported >= _REPORT_EVERY:
                _say(f"{self._gone():.0f} s: {self._bank.rendered} views rendered so far")
                reported = self._gone()

    def _measure(self, when: str) -> dict[str, Any]:
        figures = measure(self._training.average, self._bank, self._shops)
        _say(f"{self._gone():.0f} s, {when}: {json.dumps(figures)}")
        return figures

    def _refresh(self) -> None:
        """Embed all packshots of the training."""
        with self._autocast():
            shots = self._bank.shots[: self._bank.trained]
            self._vectors, self._maps = embed_shots(self._training.network, shots)

    def _autocast(self) -> torch.autocast:
        device = self._bank.device.type
        return torch.autocast(device, torch.bfloat16, enabled=device == "cuda")

    def _step(self) -> None:
        recipe, network, bank = self._recipe, self._training.network, self._bank
        shown = bank.draw(recipe.articles_per_step, recipe.views, recipe.snapshots, self._random)
        views, count = len(shown.views), len(shown.rows)
        shots = augment_shots(tensor_of(shown.shots))
        carried = augment_views(tensor_of(torch.cat([shown.views, shown.snapshots])))
        images = torch.cat([carried[:views], shots, carried[views:]])
        with self._autocast():
            parts = network.trunk(images.contiguous(memory_format=torch.channels_last))
            vectors, logits = network.embed(parts)
        queries, gallery = vectors[:views], vectors[views : views + count]
        near = nearness(queries, gallery, self._vectors, shown.rows, recipe.temperature)
        kinds = bank.kinds[shown.rows]
        named = torch.cat([kinds.repeat_interleave(recipe.views), kinds])
        kind = nn.functional.cross_entropy(logits[: views + count], named)
        kind = kind + any_of(logits[views + count :], shown.may)
        loss, cells = near.loss + recipe.kind_weight * kind, torch.zeros_like(kind)
        share = self._share()
        if share >= recipe.cells_from:
            begin_cells(network.cells, self._maps)
            first = slice(0, views, recipe.views)
            cells = cells_loss(
                network.cells,
                parts[first],
                near.table[first],
                shown.rows,
                self._maps,
                self._training.scale.exp(),
            )
            loss = loss + recipe.cell_weight * min(1.0, (share - recipe.cells_from) / 0.05) * cells
        self._training.update(loss, share)
        self._vectors[shown.rows] = gallery.detach()
        self._maps[shown.rows] = parts[views : views + count].detach().half()
        self._report.add(len(images), near.loss, kind, cells, near.in_batch, near.of_all)
