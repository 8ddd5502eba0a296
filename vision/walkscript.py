"""The script of the walk test, and its evaluation: do the crossings match the steps?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from common.crossing import Crossing

#: The steps in order: expected event, number of garments, instruction on the page.
SCRIPT: Final = (
    ("entry", 0, "Walk in with empty hands."),
    ("exit", 0, "Come out with empty hands."),
    ("entry", 2, "Walk in with two garments, one on a hanger, one over the arm."),
    ("exit", 1, "Come out with one of them."),
)
_NAMES: Final = {"entry": "walking in", "exit": "coming out"}


@dataclass(frozen=True)
class Step:
    """One step: its instruction, whether it passed (None: not yet), and the result in words."""

    asked: str
    passed: bool | None
    said: str


def judge(crossings: list[Crossing]) -> list[Step]:
    """Compare the crossings, in order, with the script."""
    steps = []
    for number, (event, garments, asked) in enumerate(SCRIPT):
        if number >= len(crossings):
            steps.append(Step(asked, None, ""))
            continue
        steps.append(_judge(asked, event, garments, crossings[number]))
    extra = len(crossings) - len(SCRIPT)
    if extra > 0:
        said = f"{extra} more crossings were detected than walked. Walk alone, and start again."
        steps.append(Step("Nobody else walks.", False, said))
    return steps


def _judge(asked: str, event: str, garments: int, seen: Crossing) -> Step:
    if seen.event != event:
        return Step(
            asked,
            False,
            f"Detected as {_NAMES[seen.event]}. Check which side of the gate is inside, and that "
            "nobody stops on the line.",
        )
    found = len(seen.garments)
    if found != garments:
        return Step(
            asked,
            False,
            f"{found} {'garment was' if found == 1 else 'garments were'} detected instead of "
            f"{garments}. Carry them apart and in view of the camera. If this does not help, move "
            "the camera closer or add light.",
        )
    return Step(asked, True, f"Detected at {seen.gate}.")


def verdict(steps: list[Step]) -> str:
    """Return `open`, `pass` or `fail`."""
    if any(step.passed is False for step in steps):
        return "fail"
    return "pass" if all(step.passed for step in steps) else "open"
