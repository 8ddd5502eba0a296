"""The models of a site's own: folders with weights and a manifest that holds one part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal

Kind = Literal["detector", "embedder"]
KINDS: Final[tuple[Kind, ...]] = ("detector", "embedder")


def own_models(folder: Path, kind: Kind) -> list[str]:
    """List the names of the models of one kind in a site's folder of models.

    A manifest that cannot be read counts: loading the model then says what is wrong with it.
    """
    return sorted(
        manifest.parent.name
        for manifest in folder.glob("[!.]*/manifest.json")
        if kind in _parts(manifest)
    )


def _parts(manifest: Path) -> tuple[str, ...]:
    try:
        return tuple(json.loads(manifest.read_bytes()))
    except (OSError, ValueError, TypeError):
        return KINDS
