"""Train the embedder on a machine with nothing but PyTorch, NumPy and OpenCV.

    python -m models.training.embedder.standalone --data ROOT --run RUN --minutes 60 --device auto

`fittingroom train embedder` does the same and exports; it needs a full installation.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def main(words: list[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the embedder.")
    option = parser.add_argument
    option("--data", action="append", type=Path, required=True, help="Data folder; once per shop.")
    option("--run", type=Path, required=True, help="Folder for checkpoints, to resume from too.")
    option("--minutes", type=float, help="Minutes for the whole training.")
    option("--pause-after", type=float, help="Minutes after which this call stops; run it again.")
    option("--steps", type=int, help="Number of steps, instead of a time.")
    option("--device", default="auto", help="auto, cuda or cpu.")
    option("--workers", type=int, help="Rendering processes.")
    option("--start", type=Path, help="Weights (.onnx, .pt) to start from.")
    option("--batch", type=int, help="Articles per step.")
    option("--rate", type=float, help="Learning rate of the backbone.")
    option("--queries", type=int, help="Validation garments of each shop.")
    arguments = parser.parse_args(words)
    # Imported here, or each rendering process would import PyTorch with this module.
    from models.training.embedder.recipe import EmbedderRecipe, shops_of
    from models.training.embedder.trainer import train_embedder
    from models.training.recipe import build_recipe

    options = {
        "minutes": arguments.minutes,
        "steps": arguments.steps,
        "workers": arguments.workers,
        "start": arguments.start,
        "articles_per_step": arguments.batch,
        "backbone_rate": arguments.rate,
        "queries": arguments.queries,
    }
    train_embedder(
        shops_of(arguments.data),
        arguments.run,
        build_recipe(EmbedderRecipe, options),
        device=arguments.device,
        pause_after=arguments.pause_after,
    )


if __name__ == "__main__":
    main()
