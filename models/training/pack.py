"""Pack a training for a machine that has PyTorch, NumPy, OpenCV and Pillow but no network.

The parts are tar files that unpack into one folder: the code, the pure Python libraries that it
needs, pretrained weights as `.pt`, and the data with re-encoded pictures. On that machine run
`models.training.detector.standalone` and `models.training.embedder.standalone`; then
`fittingroom train unpack` exports their checkpoints here.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch

from common.progress import progress
from models.errors import ModelError
from models.simulation.cutout import read_image
from models.training.data import find_poses, in_processes
from models.training.torch_runtime import read_pretrained

#: Maximum bytes of a part.
PART: Final = 48_000_000
_LIBRARIES: Final = ("ultralytics", "tqdm", "yaml")
_CODE: Final = ("common", "models")
#: Long side in pixels and WebP quality, by folder of pictures.
_PICTURES: Final = {
    "articles/images": (300, 78),
    "people": (480, 80),
    "garments": (256, 76),
}


@dataclass(frozen=True)
class Packed:
    """A packed file: its path in the archive, and its content."""

    path: str
    content: bytes


def pack_training(roots: Sequence[Path], out: Path, share: float = 1.0) -> list[Path]:
    """Pack a training into parts.

    Args:
        roots: Data folders (layout in `models.training.data`); the first holds people and weights,
            each further one articles of another shop.
        out: Folder for the parts; existing parts are replaced.
        share: Share of the photos of garments to pack, 0…1.

    Returns:
        The parts, tar files of at most `PART` bytes.

    Raises:
        ModelError: Data or weights are missing.
    """
    if out.exists():
        for part in out.glob("part-*.tar"):
            part.unlink()
    out.mkdir(parents=True, exist_ok=True)
    poses = out / "poses.json"
    find_poses(roots[0], False, poses, progress)
    files = [*_code(), *_libraries(), *_weights(roots[0]), Packed("poses.json", poses.read_bytes())]
    for number, root in enumerate(roots):
        files += _data(root, Path("root" if not number else f"shop-{number}"), share)
    return list(_write_parts(files, out))


def _code() -> Iterator[Packed]:
    here = Path(__file__).parents[2]
    for package in _CODE:
        for path in sorted((*(here / package).rglob("*.py"), *(here / package).rglob("*.npz"))):
            name = path.relative_to(here)
            # The packages' own __init__ files import run-time libraries that are absent there.
            content = b"" if name.name == "__init__.py" else path.read_bytes()
            yield Packed(str(name), content)


def _libraries() -> Iterator[Packed]:
    for library in _LIBRARIES:
        spec = importlib.util.find_spec(library)
        if spec is None or spec.origin is None:
            raise ModelError(f"{library} is not installed: pip install 'fittingroom[train]'.")
        folder = Path(spec.origin).parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".yaml"):
                name = Path(library) / path.relative_to(folder)
                yield Packed(str(name), path.read_bytes())


def _weights(root: Path) -> Iterator[Packed]:
    for name in ("yolo11n-coco", "mobilenetv2-imagenet"):
        state = read_pretrained(root / "weights" / f"{name}.safetensors")
        memory = io.BytesIO()
        torch.save({key: value.half() for key, value in state.items()}, memory)
        yield Packed(f"root/weights/{name}.pt", memory.getvalue())


def _data(root: Path, there: Path, share: float) -> Iterator[Packed]:
    data = root / "data"
    for folder, (side, quality) in _PICTURES.items():
        pictures = sorted((data / folder).glob("*.jpg"))
        if folder == "garments":
            pictures = pictures[: round(share * len(pictures))]
        shrunk = in_processes(partial(_shrink, side=side, quality=quality), pictures, 2)
        for path, content in zip(pictures, shrunk, strict=True):
            yield Packed(str(there / "data" / folder / path.name), content)
    tables: dict[str, Callable[[Path], bytes]] = {
        "articles/articles.csv": Path.read_bytes,
        "people_labels.json": Path.read_bytes,
        "garments.csv": partial(_rows_with_pictures, share=share),
    }
    for name, read in tables.items():
        if (data / name).is_file():
            yield Packed(str(there / "data" / name), read(data / name))
    for mask in sorted((data / "people").glob("*.png")):
        yield Packed(str(there / "data" / "people" / mask.name), mask.read_bytes())


def _shrink(path: Path, side: int, quality: int) -> bytes:
    """Re-encode a picture as WebP; decoders recognise it whatever the file's suffix."""
    image = read_image(path)
    scale = side / max(image.shape[:2])
    if scale < 1:
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    return cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()


def _rows_with_pictures(table: Path, share: float) -> bytes:
    folder = table.parent / "garments"
    pictures = sorted(path.name for path in folder.glob("*.jpg"))
    kept = set(pictures[: round(share * len(pictures))])
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    memory = io.StringIO()
    writer = csv.DictWriter(memory, list(rows[0]))
    writer.writeheader()
    writer.writerows(row for row in rows if row["file"] in kept)
    return memory.getvalue().encode()


def _write_parts(files: Sequence[Packed], out: Path) -> Iterator[Path]:
    number, path = 0, out
    archive: tarfile.TarFile | None = None
    for file in files:
        entry = tarfile.TarInfo(file.path)
        entry.size = len(file.content)
        if archive is None or archive.offset + entry.size + 2048 > PART:
            if archive is not None:
                archive.close()
                yield path
            path = out / f"part-{number:02d}.tar"
            archive, number = tarfile.open(path, "w"), number + 1  # noqa: SIM115 - closed below
        archive.addfile(entry, io.BytesIO(file.content))
    if archive is not None:
        archive.close()
        yield path
