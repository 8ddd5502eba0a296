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
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--scenes", type=int, default=40_000, help="held at once")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--workers", type=int, default=0, help="0: one less than there are cores")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    from models.training.detector.trainer import DetectorRecipe, train_detector

    given.run.mkdir(parents=True, exist_ok=True)
    (given.run / _POSES.name).write_bytes(_POSES.read_bytes())
    recipe = DetectorRecipe(
        minutes=given.minutes,
        scenes=given.scenes,
        batch=given.batch,
        rate=given.rate,
        workers=given.workers,
        seed=given.seed,
    )
    print(train_detector(_ROOT, given.run, recipe))


if __name__ == "__main__":
    main()
