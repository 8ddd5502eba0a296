"""Add an embedder of a site's own: an ONNX file and its manifest, checked before it is there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from common.image import Image
from common.site import SiteFolder
from models.embedders.protocol import GarmentEmbedder, GarmentFeatures
from models.embedders.registry import open_embedder
from models.errors import ModelError
from models.manifest import EmbedderEntry, EmbedderManifest, save_manifest
from models.own import Kind
from models.taxonomy import CATEGORIES
from services.site_models import check_new_name, models_folder

_MANIFEST: Final = "manifest.json"
#: How far a norm may be from 1.
_TOLERANCE: Final = 0.02


def manifest_beside(weights: Path) -> Path:
    """Return the manifest of weights: in their folder, or `NAME.json` next to `NAME.onnx`."""
    if weights.is_dir():
        return weights / _MANIFEST
    named = weights.with_suffix(".json")
    return named if named.is_file() else weights.parent / _MANIFEST


def parts_of(weights: Path) -> tuple[Kind, ...]:
    """Return the models that a folder's manifest lists and whose files are there; perhaps none."""
    try:
        parts = json.loads((weights / _MANIFEST).read_bytes())
        return tuple(
            kind
            for kind in ("detector", "embedder")
            if kind in parts and (weights / parts[kind]["file"]).is_file()
        )
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def add_embedder(site: SiteFolder, name: str, weights: Path) -> EmbedderEntry:
    """Copy an embedder into a site, whole or not at all; the one in use stays in use.

    Args:
        site: The site.
        name: The embedder's name there.
        weights: An ONNX file with its manifest next to it (`NAME.json` or `manifest.json`), or
            a folder of both, as `fittingroom train embedder` writes it.

    Returns:
        The manifest's entry.

    Raises:
        ModelError: The name is taken, or the network is not as the manifest says.
    """
    check_new_name(site, name)
    entry, file = _read(weights)
    parent = models_folder(site)
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".new-") as made:
        fresh = Path(made) / name
        fresh.mkdir()
        shutil.copyfile(file, fresh / entry.file)
        save_manifest(EmbedderManifest(embedder=entry), fresh)
        _check(open_embedder(folder=fresh), file)
        os.replace(fresh, parent / name)
    return entry


def _read(weights: Path) -> tuple[EmbedderEntry, Path]:
    """Read the manifest; `file` and `sha256` may be missing there, the file says them."""
    path = manifest_beside(weights)
    try:
        part: Any = json.loads(path.read_bytes())["embedder"]
        file = path.parent / part["file"] if weights.is_dir() else weights
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        entry = EmbedderManifest.model_validate(
            {"embedder": {"sha256": digest, **part, "file": file.name}}
        ).embedder
    except OSError as error:
        missing = error.filename or path
        raise ModelError(
            f"{missing}: cannot be read ({error.strerror}). An embedder is an ONNX file and its "
            "manifest beside it."
        ) from error
    except KeyError as error:
        raise ModelError(f"{path}: {error} is missing.") from error
    except ValueError as error:
        raise ModelError(f"{path}: {_reason(error)}") from error
    if unknown := sorted(set(entry.categories) - set(CATEGORIES)):
        raise ModelError(
            f"{path}: embedder.categories: {unknown[0]!r} is no category; they are: "
            f"{', '.join(CATEGORIES)}."
        )
    return entry, file


def _reason(error: ValueError) -> str:
    """Return the first problem that a validation found."""
    problems = getattr(error, "errors", None)
    if problems is None:
        return f"is not JSON ({error})."
    first = problems()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}."


def _check(embedder: GarmentEmbedder, file: Path) -> None:
    """Check what the network returns for two crops.

    Raises:
        ModelError: The features are not as the protocol says.
    """
    rng = np.random.default_rng(0)
    crops: list[Image] = [rng.integers(0, 255, (90, 60, 3), np.uint8) for _ in range(2)]
    try:
        features = embedder.embed(crops)
    except Exception as error:  # the runtime raises plain RuntimeError and types of its own
        raise ModelError(f"{file}: does not run on two crops at once ({_last(error)}).") from error
    if problem := _problem(features):
        raise ModelError(f"{file}: {problem}")


def _problem(features: GarmentFeatures) -> str:
    values = (features.embeddings, features.category_probabilities, features.local_features)
    if not all(np.isfinite(part).all() for part in values):
        return "returns values that are not finite."
    norms = np.linalg.norm(features.embeddings, axis=1)
    if np.abs(norms - 1).max() > _TOLERANCE:
        return (
            f"embeddings have length {norms[0]:.2f}, not 1: export the network with "
            "L2 normalisation at its end."
        )
    local = features.local_features
    weights = np.linalg.norm(local, axis=2).sum(1) if local.size else np.ones(1)
    if np.abs(weights - 1).max() > _TOLERANCE:
        return f"the norms of a crop's local features sum to {weights[0]:.2f}, not 1."
    return ""


def _last(error: Exception) -> str:
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
