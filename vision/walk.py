"""The walk test: somebody walks in and out as asked, and the camera must have seen it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from common.crossing import Crossing

#: What is walked, in this order: event, garments carried, what the page asks for.
SCRIPT: Final = (
    ("entry", 0, "Walk in with empty hands."),
    ("exit", 0, "Come out with empty hands."),
    ("entry", 2, "Walk in with two garments, one on a hanger, one over the arm."),
    ("exit", 1, "Come out with one of them."),
)
_NAMES: Final = {"entry": "walking in", "exit": "coming out"}


@dataclass(frozen=True)
class Step:
    """One walk: what is asked, whether it is passed (None: not yet), and what failed."""

    asked: str
    passed: bool | None
    said: str


def judge(crossings: list[Crossing]) -> list[Step]:
    """Compare what was seen, in order, with what was asked."""
    steps = []
    for number, (event, garments, asked) in enumerate(SCRIPT):
        if number >= len(crossings):
            steps.append(Step(asked, None, ""))
            continue
        steps.append(_judge(asked, event, garments, crossings[number]))
    extra = len(crossings) - len(SCRIPT)
    if extra > 0:
        said = f"{extra} more crossings were seen than were walked; walk alone, and start anew."
        steps.append(Step("Nobody else walks.", False, said))
    return steps


def _judge(asked: str, event: str, garments: int, seen: Crossing) -> Step:
    if seen.event != event:
        return Step(
            asked,
            False,
            f"Seen as {_NAMES[seen.event]}. Check which side of the gate is 'in', and that nobody "
            "stops on the line.",
        )
    found = len(seen.garments)
    if found != garments:
        return Step(
            asked,
            False,
            f"{found} {'garment was' if found == 1 else 'garments were'} seen instead of "
            f"{garments}. Carry them apart and in view of the camera; if it stays so, the camera "
            "needs more light or a nearer place.",
        )
    return Step(asked, True, f"Seen at {seen.gate}.")


def verdict(steps: list[Step]) -> str:
    """Return `open`, `pass` or `fail`."""
    if any(step.passed is False for step in steps):
        return "fail"
    return "pass" if all(step.passed for step in steps) else "open"
