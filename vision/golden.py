"""Golden files: the expected events of a recording, for comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from common.crossing import Crossing
from common.files import write_whole
from vision.errors import VisionError

#: Events of one gate that are this close in time are the same event, seconds.
_NEAR_S: Final = 1.0
#: A larger difference in time is reported, seconds.
_SAME_S: Final = 0.3


@dataclass(frozen=True)
class Event:
    """A crossing in a golden file: without scores, which depend on weights and machine."""

    time: float
    event: str
    gate: str
    room: str
    garments: tuple[str, ...]

    @classmethod
    def of(cls, crossing: Crossing, start: float = 0.0) -> Event:
        """Convert a crossing, timed from `start`; garments as SKU, or `unknown` and category."""
        carried = sorted(g.sku or f"unknown {g.category}" for g in crossing.garments)
        time = round(crossing.time - start, 2)
        return cls(time, crossing.event, crossing.gate, crossing.room, tuple(carried))

    def __str__(self) -> str:
        carried = ", ".join(self.garments) or "nothing carried"
        return f"{self.time:8.2f} s  {self.event} {self.gate} room {self.room or '?'}: {carried}"

    def near(self, other: Event) -> bool:
        """Check whether another event may be this one."""
        mine, theirs = (self.event, self.gate), (other.event, other.gate)
        return mine == theirs and abs(self.time - other.time) <= _NEAR_S

    def same(self, other: Event) -> bool:
        """Check whether another event has the same room, garments and time."""
        equal = (self.room, self.garments) == (other.room, other.garments)
        return equal and abs(self.time - other.time) <= _SAME_S


def write_golden(path: Path, events: Sequence[Event]) -> None:
    """Write events atomically, one JSON object a line.

    Raises:
        VisionError: The file cannot be written.
    """
    lines = [json.dumps(vars(event) | {"garments": list(event.garments)}) for event in events]
    try:
        write_whole(path, "".join(line + "\n" for line in lines))
    except OSError as error:
        raise VisionError(f"{path}: cannot be written ({error.strerror}).") from error


def read_golden(path: Path) -> list[Event]:
    """Read events.

    Raises:
        VisionError: There is no such file, or a line is no event.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise VisionError(f"{path}: no such file. Create it with --update.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise VisionError(f"{path}: cannot be read ({error}).") from error
    return [_event(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]


def _event(line: str, where: str) -> Event:
    try:
        data: dict[str, Any] = json.loads(line)
        return Event(
            float(data["time"]),
            str(data["event"]),
            str(data["gate"]),
            str(data["room"]),
            tuple(map(str, data["garments"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise VisionError(f"{where}: not an event. Rewrite the file with --update.") from error


def compare(golden: Sequence[Event], found: Sequence[Event]) -> list[str]:
    """List how events differ from the golden ones; empty if they do not."""
    left, lines = list(found), []
    for wanted in golden:
        near = [event for event in left if wanted.near(event)]
        match = min(
            near,
            key=lambda event: (not wanted.same(event), abs(event.time - wanted.time)),
            default=None,
        )
        if match is None:
            lines.append((wanted.time, f"missing  {wanted}"))
            continue
        left.remove(match)
        if not wanted.same(match):
            lines += [(wanted.time, f"was      {wanted}"), (wanted.time, f"now      {match}")]
    lines += [(event.time, f"new      {event}") for event in left]
    return [text for _, text in sorted(lines, key=lambda pair: pair[0])]
