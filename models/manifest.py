"""The weights' manifest: which file is which, and what it was trained to be.

`models/weights/manifest.json` names for every model its file, SHA-256, class names,
input size and thresholds. A file that does not fit is refused before it runs.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import ModelError

WEIGHTS = Path(__file__).parent / "weights"
Share = Annotated[float, Field(ge=-1, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightsFile(_Strict):
    """A file of weights and its digest."""

    file: str
    sha256: str


class DetectorEntry(WeightsFile):
    """The detector: scores below its class's threshold are no detections."""

    classes: tuple[str, ...]
    long_side: Annotated[int, Field(gt=0, multiple_of=32)]
    thresholds: dict[str, Share]


class Certainty(_Strict):
    """How sure a match is: logistic regression on `models.matching.Evidence`.

    Attributes:
        weights: One for each field of the evidence.
        intercept: Of every category.
        categories: Added for the candidate's category.
        floor: The chance of being right, 0…1, from which on a match is accepted.
    """

    weights: tuple[float, float, float, float]
    intercept: float
    categories: dict[str, float]
    floor: Annotated[float, Field(ge=0, le=1)]


class EmbedderEntry(WeightsFile):
    """The embedder.

    `categories` are what its second answer tells apart, in order. `cells` is how many its
    third has, and how many numbers each.
    """

    input: tuple[int, int]
    dimensions: int
    cells: tuple[int, int]
    categories: tuple[str, ...]
    certainty: Certainty


class StylistEntry(_Strict):
    """The stylist, in two halves.

    Attributes:
        items: Encodes articles.
        query: Asks for what fits.
        dimensions: Of its tokens, answers and queries.
        embedder: Short name of the embedder whose vectors it was trained on.
        floor: Score below which an article is not put into an outfit.
    """

    items: WeightsFile
    query: WeightsFile
    dimensions: int
    embedder: str
    floor: float


class Manifest(_Strict):
    """Everything under `models/weights/`."""

    detector: DetectorEntry
    embedder: EmbedderEntry
    stylist: StylistEntry | None = None


def load_manifest(folder: Path = WEIGHTS) -> Manifest:
    """Read the manifest of a weights folder.

    Raises:
        ModelError: It is missing or malformed.
    """
    path = folder / "manifest.json"
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {key}: {first['msg']}.") from error


def save_manifest(manifest: Manifest, folder: Path = WEIGHTS) -> None:
    """Write the manifest of a weights folder."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def read_weights(entry: WeightsFile, folder: Path = WEIGHTS) -> bytes:
    """Read a weight file and check it against its entry.

    Raises:
        ModelError: The file is missing or its SHA-256 is not the manifest's.
    """
    path = folder / entry.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != entry.sha256:
        raise ModelError(
            f"{path}: does not fit its manifest (SHA-256 {digest[:12]}…, expected "
            f"{entry.sha256[:12]}…); restore the file or train anew."
        )
    return data
