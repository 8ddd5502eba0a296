"""Train the detector from a packed training (`models.training.pack`).

python -m models.training.detector.standalone --run RUN --minutes 60
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

#: Data folder and poses of an unpacked training.
_ROOT: Final = Path("root")
_POSES: Final = Path("poses.json")


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m models.training.detector.standalone")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--minutes", type=float, help="time limit of the training")
    parser.add_argument("--scenes", type=int, help="scenes kept in memory")
    parser.add_argument("--batch", type=int, help="scenes per batch")
    parser.add_argument("--rate", type=float, help="initial learning rate")
    parser.add_argument("--workers", type=int, help="rendering processes")
    parser.add_argument("--seed", type=int)
    options = vars(parser.parse_args(arguments))
    import cv2

    from models.training.detector.recipe import DetectorRecipe
    from models.training.detector.trainer import train_detector
    from models.training.recipe import build_recipe

    cv2.setNumThreads(1)  # OpenCV's own threads would not survive the fork of rendering processes
    run = options.pop("run")
    run.mkdir(parents=True, exist_ok=True)
    (run / _POSES.name).write_bytes(_POSES.read_bytes())
    print(train_detector(_ROOT, run, build_recipe(DetectorRecipe, options)))


if __name__ == "__main__":
    main()
