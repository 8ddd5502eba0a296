"""Put the weights of a training's run into the source tree, for a release.

    python -m models.training.ship runs/embedder

A shop does not need it: `fittingroom train` never writes into the installed package, but into its
run's folder and, with `--site`, into the site.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from models.errors import ModelError
from models.manifest import WEIGHTS, Manifest, WeightsFile, load_manifest, save_manifest


def ship(run: Path, weights: Path = WEIGHTS) -> list[str]:
    """Copy the weights that lie in a run's folder, with their part of the manifest.

    Args:
        run: Folder of a training, with its manifest.
        weights: Folder of the shipped weights.

    Returns:
        Names of the parts.

    Raises:
        ModelError: The run has no manifest, or none of its weights.
    """
    found, entries = load_manifest(run), dict(load_manifest(weights))
    parts = [name for name in Manifest.model_fields if _has_files(getattr(found, name), run)]
    if not parts:
        raise ModelError(f"{run}: holds no weights of its manifest.")
    for name in parts:
        entries[name] = getattr(found, name)
        for file in _files(entries[name]):
            shutil.copy2(run / file.file, weights / file.file)
    save_manifest(Manifest(**entries), weights)
    return parts


def _files(entry: object) -> list[WeightsFile]:
    if isinstance(entry, WeightsFile):
        return [entry]
    return [part for _, part in entry if isinstance(part, WeightsFile)] if entry else []  # type: ignore[attr-defined]


def _has_files(entry: object, run: Path) -> bool:
    files = _files(entry)
    return bool(files) and all((run / part.file).is_file() for part in files)


def main() -> None:
    """Print the parts that were copied."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    for name in ship(parser.parse_args().run):
        print(name)


if __name__ == "__main__":
    main()
