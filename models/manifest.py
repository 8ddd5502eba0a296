"""The manifest of the weights: files with their digests, classes, shapes and thresholds.

`models/weights/manifest.json` lists for every model its file, SHA-256, class names, input
size and thresholds. A file that does not match is refused before it runs.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import ModelError

WEIGHTS = Path(__file__).parent / "weights"
T = TypeVar("T", bound=BaseModel)
Side = Annotated[int, Field(gt=0, le=4096)]
Share = Annotated[float, Field(ge=-1, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightsFile(_Strict):
    """A file of weights and its digest."""

    file: str
    sha256: str

    @property
    def model(self) -> str:
        """A short name of the weights; results of different weights cannot be compared."""
        return self.sha256[:12]


class DetectorEntry(WeightsFile):
    """The detector; detections below the threshold of their class are discarded.

    Attributes:
        classes: `person` first, then categories of garments.
        long_side: Long side in pixels of the pictures that it is given.
        thresholds: By class.
        outputs: For each class the network's classes that it is the highest score of, for
            networks with classes of their own; None if the network's classes are `classes`.
    """

    classes: tuple[str, ...]
    long_side: Annotated[int, Field(gt=0, multiple_of=32)]
    thresholds: dict[str, Share]
    outputs: tuple[tuple[int, ...], ...] | None = None


class StockPrior(_Strict):
    """The prior of an article by the shop's stock (`models.stock`).

    Attributes:
        weights: Logistic regression on `models.stock.presence_features`.
        intercept: Of the same.
        wrong: Share of wrong entries in the list of stock.
        temperature: Similarity that is worth a factor e of probability.
    """

    weights: tuple[float, float, float, float]
    intercept: float
    wrong: Annotated[float, Field(gt=0, lt=0.5)]
    temperature: Annotated[float, Field(ge=0)]


class MatchCalibration(_Strict):
    """The calibration of match probabilities: logistic regression on `MatchScores`.

    Attributes:
        weights: One for each field of `models.matching.MatchScores`.
        intercept: Of all categories.
        category_offsets: Added to the intercept, by the candidate's category.
        threshold: Matches of at least this probability, 0…1, are accepted.
        stock: The prior by the shop's stock; without one, stock does not count.
        lookalike: Cosine of two articles from which on one is mistaken for the other in a third
            of the matches; None where it was not fitted.
    """

    weights: tuple[float, float, float, float]
    intercept: float
    category_offsets: dict[str, float]
    threshold: Annotated[float, Field(ge=0, le=1)]
    stock: StockPrior | None = None
    lookalike: Annotated[float, Field(gt=0, le=1)] | None = None


class EmbedderEntry(WeightsFile):
    """The embedder.

    Attributes:
        input: Height and width in pixels.
        dimensions: Of an embedding.
        local_features: Number and dimensions of the local features; 0 and 0 for a network
            without them, whose matches are not re-ranked.
        categories: The categories that it classifies, in order.
        calibration: Of match probabilities.
    """

    input: tuple[Side, Side]
    dimensions: Side
    local_features: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    categories: Annotated[tuple[str, ...], Field(min_length=1)]
    calibration: MatchCalibration


class StylistEntry(_Strict):
    """The stylist, a network for articles and one for queries.

    Attributes:
        items: Encodes articles.
        query: Encodes a partial outfit and the wanted part to a query.
        dimensions: Of tokens, keys and queries.
        embedder: Short name of the embedder whose embeddings it was trained on.
        threshold: Articles with a lower score are not added to an outfit.
        categories: The categories that it knows, in order; none where they are this version's.
        parts: The parts that a query can ask for, in order; none where they are this version's.
    """

    items: WeightsFile
    query: WeightsFile
    dimensions: int
    embedder: str
    threshold: float
    categories: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class ParserEntry(WeightsFile):
    """The parser of catalogue pictures.

    Attributes:
        input: Height and width in pixels.
        classes: Of the pixels, in order.
        picture_classes: Of the pictures, in order.
    """

    input: tuple[int, int]
    classes: tuple[str, ...]
    picture_classes: tuple[str, ...]


class Manifest(_Strict):
    """Everything under `models/weights/`."""

    detector: DetectorEntry
    embedder: EmbedderEntry
    stylist: StylistEntry | None = None
    parser: ParserEntry | None = None


class EmbedderManifest(BaseModel):
    """The embedder's part of a manifest, which may hold no other."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    embedder: EmbedderEntry


class DetectorManifest(BaseModel):
    """The detector's part of a manifest, which may hold no other."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    detector: DetectorEntry


def load_manifest(folder: Path = WEIGHTS) -> Manifest:
    """Read the manifest of a weights folder.

    Raises:
        ModelError: It is missing or malformed.
    """
    return _load(folder, Manifest)


def load_detector_entry(folder: Path = WEIGHTS) -> DetectorEntry:
    """Read the detector's part of the manifest of a weights folder.

    Raises:
        ModelError: It is missing or malformed.
    """
    return _load(folder, DetectorManifest).detector


def load_embedder_entry(folder: Path = WEIGHTS) -> EmbedderEntry:
    """Read the embedder's part of the manifest of a weights folder.

    Raises:
        ModelError: It is missing or malformed.
    """
    return _load(folder, EmbedderManifest).embedder


def _load(folder: Path, kind: type[T]) -> T:
    path = folder / "manifest.json"
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {key}: {first['msg']}.") from error


def save_manifest(
    manifest: Manifest | DetectorManifest | EmbedderManifest, folder: Path = WEIGHTS
) -> None:
    """Write the manifest of a weights folder."""
    text = json.dumps(manifest.model_dump(mode="json", exclude_none=True), indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def read_weights(entry: WeightsFile, folder: Path = WEIGHTS) -> bytes:
    """Read a weights file and verify its digest.

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
            f"{path}: does not match its manifest (SHA-256 {digest[:12]}…, expected "
            f"{entry.sha256[:12]}…). Restore the file or train again."
        )
    return data
