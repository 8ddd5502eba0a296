"""Train the embedder: from any carried view of a garment to its article.

Each step draws articles, two carried views and the packshot of each. The views must
find their packshot among those of *all* training articles (a bank of gallery vectors,
after Wang et al., "Cross-batch memory for embedding learning", CVPR 2020), so near
styles and other colourways of the same style are always among the negatives.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader, IterableDataset
from tqdm import tqdm

from models.data import Article, held_out, load_articles, people_paths
from models.errors import ModelError
from models.runtime import stretch
from models.scenes.camera import recolour
from models.scenes.cutout import Cutout, Image, crop_to_article, cut_out, read_image
from models.scenes.views import carried
from models.training.network import EmbedderNetwork, load_backbone

#: Input height and width in pixels; crops are stretched to it.
INPUT_SIZE = (160, 128)
_CUTOUT_HEIGHT = 220


@dataclass(frozen=True)
class EmbedderRecipe:
    """Everything that shapes a training."""

    steps: int = 600
    articles_per_step: int = 32
    views: int = 2
    temperature: float = 0.05
    backbone_rate: float = 1e-4
    head_rate: float = 5e-4
    refresh_every: int = 150
    seed: int = 0


def prepare(image: Image) -> Image:
    """Resize a BGR crop to the network's input; uint8 H×W×3 RGB."""
    return stretch(image, *INPUT_SIZE)


class Views(IterableDataset):  # type: ignore[type-arg]
    """Batches (article rows, images), one a step; the same seed gives the same batches."""

    def __init__(
        self, articles: list[Article], photos: list[Path], recipe: EmbedderRecipe, start: int = 0
    ) -> None:
        """Start at step `start`, as a resumed training does."""
        self.articles, self.photos, self.recipe, self.start = articles, photos, recipe, start

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield (rows B, images B×(views+1)×H×W×3), the packshot last."""
        cv2.setNumThreads(1)
        for step in range(self.start, self.recipe.steps):
            rng = np.random.default_rng([self.recipe.seed, step])
            yield self._batch(rng)

    def _batch(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        rows = rng.choice(len(self.articles), self.recipe.articles_per_step, replace=False)
        images = [self._images(int(row), rng) for row in rows]
        return torch.from_numpy(rows), torch.from_numpy(np.stack(images))

    def _images(self, row: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        article = self.articles[row]
        views = [self.view(article, rng) for _ in range(self.recipe.views)]
        shot = recolour(packshot(article), rng, 0.25)
        return np.stack([*map(prepare, views), prepare(shot)])

    def view(self, article: Article, rng: np.random.Generator) -> Image:
        """Show an article carried, in front of a random photo."""
        cutout = small_cutout(article)
        if cutout is None:
            return packshot(article)
        photo = read_image(self.photos[int(rng.integers(len(self.photos)))])

        def other() -> Any:
            return small_cutout(self.articles[int(rng.integers(len(self.articles)))])

        return carried(cutout, photo, rng, other)


@cache
def small_cutout(article: Article) -> Cutout | None:
    """Cut an article out at about the size it is seen at; None where nothing stands out."""
    try:
        shot = read_image(article.image)
        scale = min(1.0, _CUTOUT_HEIGHT / shot.shape[0])
        small = cv2.resize(shot, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return cut_out(np.asarray(small, np.uint8), article.sku, article.category)
    except ModelError:
        return None


@cache
def packshot(article: Article) -> Image:
    """Crop an article's packshot the way the catalogue does, no larger than needed."""
    shot = crop_to_article(read_image(article.image))
    scale = min(1.0, 1.5 * INPUT_SIZE[0] / shot.shape[0])
    small = cv2.resize(shot, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def usable(articles: list[Article], validation: bool) -> list[Article]:
    """Keep one side of the split by style, without jewellery, cosmetics and the like."""
    return [a for a in articles if a.category != "accessory" and held_out(a.style) == validation]


@torch.no_grad()
def embed(network: EmbedderNetwork, images: Iterator[Image], total: int) -> torch.Tensor:
    """Embed many pictures in batches; returns total×D."""
    network.eval()
    vectors, batch = [], []
    for image in tqdm(images, total=total, desc="embedding", unit="picture", leave=False):
        batch.append(prepare(image))
        if len(batch) == 64:
            vectors.append(network(_tensor(np.stack(batch))))
            batch = []
    if batch:
        vectors.append(network(_tensor(np.stack(batch))))
    network.train()
    return torch.cat(vectors)


def _tensor(images: NDArray[np.uint8] | torch.Tensor) -> torch.Tensor:
    tensor = torch.as_tensor(images).permute(0, 3, 1, 2).float()
    return tensor.contiguous(memory_format=torch.channels_last)


def _loss(
    network: EmbedderNetwork,
    images: torch.Tensor,
    rows: torch.Tensor,
    bank: torch.Tensor,
    temperature: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """InfoNCE of views against the whole bank, and within the batch in both directions.

    Right and wrong answers of the first part both come from the bank: were the right ones
    fresh, all vectors would drift away from the old ones together and fall into one.
    """
    count, views = images.shape[0], images.shape[1] - 1
    vectors = network(_tensor(images.flatten(0, 1))).view(count, views + 1, -1)
    queries, gallery = vectors[:, :views].flatten(0, 1), vectors[:, views]
    answer = rows.repeat_interleave(views)
    against_all = nn.functional.cross_entropy(queries @ bank.T / temperature, answer)
    logits = queries @ gallery.T / temperature
    there = nn.functional.cross_entropy(logits, torch.arange(count).repeat_interleave(views))
    back = logits.view(count, views, count).permute(1, 2, 0)
    target = torch.arange(count).expand(views, count)
    and_back = nn.functional.cross_entropy(back.transpose(1, 2), target)
    return against_all + 0.5 * (there + and_back), gallery.detach()


def _rate(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / 60)
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def train_embedder(root: Path, run: Path, recipe: EmbedderRecipe, resume: bool = True) -> Path:
    """Train and leave `embedder.pt` in the run folder.

    Args:
        root: Data folder (layout in `models.data`).
        run: Folder for checkpoints and figures; a broken-off run goes on from there.
        recipe: What to train.
        resume: Go on from the run folder's checkpoint.

    Returns:
        The checkpoint's path.

    Raises:
        ModelError: Data or weights are missing.
    """
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    articles = usable(load_articles(root), validation=False)
    photos = people_paths(root, validation=False)
    network = EmbedderNetwork()
    load_backbone(network, root / "weights" / "mobilenetv2-imagenet.safetensors")
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    head = [network.power, *network.head.parameters()]
    backbone = [p for p in network.features.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": backbone, "lr": recipe.backbone_rate},
            {"params": head, "lr": recipe.head_rate},
        ],
        weight_decay=1e-4,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: _rate(s, recipe.steps))
    checkpoint, step = run / "embedder.pt", 0
    if resume and checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        step = state["step"]
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    # Spawned, not forked: OpenCV's thread pool does not survive a fork.
    loader = DataLoader(
        Views(articles, photos, recipe, step),
        batch_size=None,
        num_workers=1,
        multiprocessing_context="spawn",
        prefetch_factor=6,
    )
    bank = embed(network, (packshot(a) for a in articles), len(articles))
    bar = tqdm(loader, total=recipe.steps, initial=step, desc="embedder", unit="step")
    average = 0.0
    for rows, images in bar:
        loss, gallery = _loss(network, images, rows, bank, recipe.temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        bank[rows] = gallery
        step += 1
        average = 0.98 * average + 0.02 * loss.item() if step > 1 else loss.item()
        bar.set_postfix(loss=f"{average:.3f}")
        if step % recipe.refresh_every == 0 or step == recipe.steps:
            _save(checkpoint, network, optimizer, schedule, step)
            if step < recipe.steps:
                bank = embed(network, (packshot(a) for a in articles), len(articles))
    return checkpoint


def _save(path: Path, network: nn.Module, optimizer: Any, schedule: Any, step: int) -> None:
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "step": step,
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
