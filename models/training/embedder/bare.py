"""Train the embedder on a machine with nothing but PyTorch, NumPy and OpenCV.

    python -m models.training.embedder.bare --data ROOT --run RUN --minutes 60 --device auto

`fittingroom train embedder` does the same where all of fittingroom is installed, and exports.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the embedder.")
    option = parser.add_argument
    option("--data", action="append", type=Path, required=True, help="Data folder; once per shop.")
    option("--run", type=Path, required=True, help="Folder for checkpoints; a run goes on there.")
    option("--minutes", type=float, help="Time for all of it.")
    option("--pause-after", type=float, help="Minutes after which this call ends; run it again.")
    option("--steps", type=int, help="Steps, instead of a time.")
    option("--device", default="auto", help="auto, cuda or cpu.")
    option("--workers", type=int, help="Rendering processes.")
    option("--start", type=Path, help="Weights (.onnx, .pt) to go on from.")
    option("--batch", type=int, help="Articles a step.")
    option("--rate", type=float, help="Learning rate of the backbone.")
    option("--queries", type=int, help="Held-out garments of each shop to measure with.")
    given = parser.parse_args()
    # Imported here, or each rendering process would import PyTorch with this module.
    from models.training.embedder.recipe import EmbedderRecipe, shops_of
    from models.training.embedder.trainer import train_embedder

    named = {
        "minutes": given.minutes,
        "steps": given.steps,
        "workers": given.workers,
        "start": given.start,
        "articles_per_step": given.batch,
        "backbone_rate": given.rate,
        "queries": given.queries,
    }
    recipe = EmbedderRecipe(**{name: value for name, value in named.items() if value is not None})
    train_embedder(
        shops_of(given.data), given.run, recipe, device=given.device, pause_after=given.pause_after
    )


if __name__ == "__main__":
    main()
