"""The layout of training data, and how it is split.

A data folder holds, each part optional where a training does not need it:

    data/articles/articles.csv   sku, style, family, type, image
    data/articles/images/        packshots on a plain light ground
    data/people/N.jpg, N.png     photos of people; the mask is 0 on the background
    data/people_labels.json      names of the mask's numbers
    data/garments.csv            file, label, sender: photos of garments lying about
    data/garments/               these photos
    weights/*.safetensors        pretrained state dicts

Articles are split by style, people by photo and photos of garments by sender, by a hash of
the name, so that the same article is on the same side on every machine and however the data
grows.
"""

from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image
from models.errors import ModelError
from models.simulation.cutout import Cutout, cut_out, read_image
from models.taxonomy import GARMENTS, category_of

T = TypeVar("T")
R = TypeVar("R")

#: One in this many styles, people or senders is kept for validation.
HOLD_OUT = 10
_BAG_LABELS = {"bag", "purse", "wallet", "accessories"}
_NO_CLOTHES = {"null", "skin", "hair", *_BAG_LABELS}
_FACE = {"skin", "glasses", "sunglasses"}
#: A head's share of its person's height.
_HEAD = 0.13
#: Somebody in the background of a photo is labelled from this score on.
_OTHER_SCORE = 0.3


@dataclass(frozen=True)
class Article:
    """One article of the training data; `image` is its packshot.

    `family` is the shop's own, finer than the category; empty where it does not say.
    """

    sku: str
    style: str
    category: str
    image: Path
    family: str = ""


@dataclass(frozen=True)
class Person:
    """A photographed person.

    Attributes:
        image: uint8 H×W×3 BGR.
        mask: bool H×W, the person with everything worn and carried.
        bag: bool H×W, what of it is a bag.
        clothes: bool H×W, what of it is worn: neither skin, hair nor bag.
        face: bool H×W, skin and glasses of the head.
        hair: bool H×W, the hair.
        wrists: float K×2 pixels, K of 0 to 2, left wrist first.
        others: float N×4 pixels (left, top, right, bottom), who else is in the photo.
    """

    image: Image
    mask: NDArray[np.bool_]
    bag: NDArray[np.bool_]
    clothes: NDArray[np.bool_]
    face: NDArray[np.bool_]
    hair: NDArray[np.bool_]
    wrists: NDArray[np.float32]
    others: NDArray[np.float32]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The person's (left, top, right, bottom) in pixels."""
        ys, xs = np.nonzero(self.mask)
        return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def held_out(key: str, one_in: int = HOLD_OUT) -> bool:
    """Return whether a style, person or sender belongs to the validation split.

    Args:
        key: Its name.
        one_in: One in this many is held out. Keys held out of one in ten are also held out of
            one in two.
    """
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % one_in == 0


def load_articles(root: Path, garments_only: bool = False) -> list[Article]:
    """Read the articles of a data folder.

    Raises:
        ModelError: `articles.csv` is missing or lacks a column.
    """
    table = root / "data" / "articles" / "articles.csv"
    if not table.is_file():
        raise ModelError(f"{table}: no such file; --data wants the folder that holds data/.")
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if missing := {"sku", "style", "type", "image"} - set(rows[0] if rows else ()):
        raise ModelError(f"{table}: lacks the column {sorted(missing)[0]!r}.")
    images = table.parent / "images"
    articles = [
        Article(
            row["sku"],
            row["style"],
            category_of(row["type"]),
            images / row["image"],
            row.get("family", ""),
        )
        for row in rows
    ]
    return [a for a in articles if not garments_only or a.category in GARMENTS]


_cutouts: dict[Article, Cutout | None] = {}


def load_cutout(article: Article) -> Cutout | None:
    """Cut an article out of its packshot, cached; None if it cannot be segmented."""
    if article not in _cutouts:
        _cutouts[article] = _cut_out(article)
    return _cutouts[article]


def _cut_out(article: Article) -> Cutout | None:
    try:
        return cut_out(read_image(article.image), article.sku, article.category)
    except ModelError:
        return None


def cut_out_all(articles: Sequence[Article], workers: int) -> None:
    """Fill the cache of `load_cutout` in several processes."""
    missing = [article for article in articles if article not in _cutouts]
    _cutouts.update(zip(missing, in_processes(_cut_out, missing, workers), strict=True))


def in_processes(work: Callable[[T], R], items: Sequence[T], workers: int) -> list[R]:
    """Map a function over items in forked processes; results are in the items' order."""
    cv2.setNumThreads(1)  # its own threads would not survive a fork
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        return pool.map(work, items, chunksize=16)


def people_paths(root: Path, validation: bool) -> list[Path]:
    """List the photos of people of one split.

    Raises:
        ModelError: There are none.
    """
    paths = sorted((root / "data" / "people").glob("*.jpg"))
    chosen = [path for path in paths if held_out(path.stem) == validation]
    if not chosen:
        raise ModelError(f"{root / 'data' / 'people'}: no photos of people (N.jpg with N.png).")
    return chosen


class People:
    """Photographed people by number, with their masks and wrists."""

    def __init__(self, root: Path, validation: bool, poses: dict[str, Any]) -> None:
        """Load the people of one split; `poses` are the result of `find_poses`."""
        self._paths = people_paths(root, validation)
        self._poses = poses
        names = json.loads((root / "data" / "people_labels.json").read_text())

        def numbers(wanted: set[str]) -> list[int]:
            return [n for n, name in enumerate(names) if name in wanted]

        self._bags, self._clothes = numbers(_BAG_LABELS), numbers(set(names) - _NO_CLOTHES)
        self._face, self._hair = numbers(_FACE), numbers({"hair"})

    def __len__(self) -> int:
        """Count the photos."""
        return len(self._paths)

    def pick(self, rng: np.random.Generator) -> Person:
        """Return a random person."""
        return self.load(int(rng.integers(len(self._paths))))

    @lru_cache(maxsize=1024)  # noqa: B019 - one loader lives as long as its process
    def load(self, index: int) -> Person:
        """Load one person."""
        path = self._paths[index]
        image, labels = read_image(path), read_labels(path)
        mask = labels > 0
        if not mask.any():
            mask[:] = True
        pose = self._poses.get(path.stem, {})
        return Person(
            image,
            mask,
            np.isin(labels, self._bags),
            np.isin(labels, self._clothes),
            _head(np.isin(labels, self._face), mask),
            np.isin(labels, self._hair),
            np.asarray(pose.get("wrists", []), np.float32).reshape(-1, 2),
            np.asarray(pose.get("others", []), np.float32).reshape(-1, 4),
        )


def _head(part: NDArray[np.bool_], person: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Restrict a part to the head: a person is seven to eight heads tall."""
    top, bottom = np.flatnonzero(person.any(axis=1))[[0, -1]]
    head = part.copy()
    head[top + int(_HEAD * (bottom - top)) :] = False
    return head


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read the pixel mask of a photo of a person: uint8 H×W, indices into the set's labels.

    Raises:
        ModelError: It is missing.
    """
    labels = cv2.imread(str(path.with_suffix(".png")), cv2.IMREAD_GRAYSCALE)
    if labels is None:
        raise ModelError(f"{path.with_suffix('.png')}: the mask of {path.name} is missing.")
    return np.asarray(labels, np.uint8)


def find_poses(
    root: Path, validation: bool, cache: Path, progress: Callable[[Sequence[Path]], Any]
) -> Any:
    """Detect wrists and other people in the photos of people with the pose network, cached.

    Args:
        root: The data folder.
        validation: The validation split instead of the training split.
        cache: JSON file of the results; it may contain the other split already.
        progress: Wraps the list of photos, `tqdm` say.

    Returns:
        A dict from photo stem to `wrists`, a list of (x, y) pixels, and `others`, a list of
        (left, top, right, bottom) pixels; both are missing where nobody was found.
    """
    found = json.loads(cache.read_text()) if cache.is_file() else {}
    missing = [path for path in people_paths(root, validation) if path.stem not in found]
    if not missing:
        return found
    from models.training.torch_runtime import load_yolo

    model = load_yolo("yolov8n-pose.yaml", root / "weights" / "yolov8n-pose-coco.safetensors")
    for path in progress(missing):
        found[path.stem] = _pose(model.predict(read_image(path), imgsz=480, verbose=False)[0], path)
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps(found))
    return found


def _pose(result: Any, path: Path) -> dict[str, Any]:
    import supervision as sv  # a packed training has the poses, and no supervision

    if result.keypoints is None or not len(result.boxes):
        return {}
    boxes = result.boxes.xyxy.numpy()
    ys, xs = np.nonzero(read_labels(path))
    whole = np.array([[xs.min(), ys.min(), xs.max(), ys.max()]]) if len(ys) else boxes[:1]
    overlap = sv.box_iou_batch(whole.astype(np.float32), boxes)[0]
    main = int(overlap.argmax())
    points = result.keypoints.data[main, 9:11].numpy()
    others = [n for n in range(len(boxes)) if n != main and overlap[n] < 0.5]
    return {
        "wrists": [[float(x), float(y)] for x, y, seen in points if seen > 0.5],
        "others": [
            boxes[n].round(1).tolist() for n in others if result.boxes.conf[n] > _OTHER_SCORE
        ],
    }
