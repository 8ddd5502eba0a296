"""Compare our pipeline with Ultralytics' own tracking loop, in one run on one clip.

    python benchmarks/pipeline.py [CLIP] [--weights FILE]

The same as `fittingroom bench --json`: frames per second per core (processor time, so that
other work on the machine counts little) and events against the clip's truth, for our whole
pipeline (masks, motion gate, detector, trackers, carry, gates, matching against 5,000
articles) and for `YOLO.track` (PyTorch, the same family) at 640 with our gates behind it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from services.bench import compare, read_clip, synthetic_clip


def main() -> None:
    """Run both and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--weights", type=Path, help="yolo11n-coco.safetensors")
    arguments = parser.parse_args()
    clip = read_clip(arguments.clip) if arguments.clip else synthetic_clip(lambda items, *_: items)
    print(json.dumps(compare(clip, arguments.weights, 10.0), indent=2))


if __name__ == "__main__":
    main()
