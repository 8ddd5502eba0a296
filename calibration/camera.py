"""One camera's file: where it looks from, what it must not see, and its gates.

The file is `cameras/NAME.toml` in the site. All coordinates are relative (0 to 1,
origin top left), so a camera may change its resolution without a new calibration.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

VERSION = 1
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.IGNORECASE)

Relative = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Relative, Relative]
Side = Literal["left", "right", "up", "down"]


class CameraError(ValueError):
    """A camera's file is wrong or missing; the message says what, where and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Gate(_Strict):
    """A line on the floor; `inside` is the side that leads to the rooms."""

    name: str = "gate"
    start: Point = Field(alias="from")
    end: Point = Field(alias="to")
    inside: Side = Field(alias="in")
    rooms: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_length_and_side(self) -> Gate:
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        if dx * dx + dy * dy < 0.05**2:
            raise ValueError("the gate is too short: 'from' and 'to' nearly coincide.")
        across = abs(dy) if self.inside in ("left", "right") else abs(dx)
        if across < 0.02:
            raise ValueError(
                f"'{self.inside}' runs along the gate, not across it; "
                "say up or down for a level gate, left or right for an upright one."
            )
        return self

    @property
    def room(self) -> str:
        """The room behind the gate, empty when it leads to several."""
        return self.rooms[0] if len(self.rooms) == 1 else ""


class Mask(_Strict):
    """A polygon that is blanked right after decoding; nothing behind it is ever seen."""

    points: tuple[Point, ...] = Field(min_length=3)


class Camera(_Strict):
    """A calibrated camera.

    `source` is a file, an RTSP address, or the number of a USB camera. `loop` plays a
    file again and again, for demos.
    """

    version: int = VERSION
    name: str
    source: str = Field(min_length=1)
    loop: bool = False
    gates: tuple[Gate, ...] = Field(default=(), alias="gate")
    masks: tuple[Mask, ...] = Field(default=(), alias="mask")

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError("use letters, digits, '-' and '_' only, 40 at most.")
        return name

    @field_validator("version")
    @classmethod
    def _known(cls, version: int) -> int:
        if version > VERSION:
            raise ValueError(f"written by a newer fittingroom (version {version}).")
        return version


def explain(error: ValidationError, where: str, fields: dict[str, Any]) -> str:
    """Say the first thing a check found, with the nearest valid name for an unknown key."""
    # A mistyped key explains the missing one beside it.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or "file"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), fields, 1, 0.5)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(fields)}."
        return f"{where}: unknown key '{key}'{hint}"
    text = first["msg"].removeprefix("Value error, ")
    return f"{where}: {key}: {text}"


def camera_path(site: Path, name: str) -> Path:
    """Return where a camera's file lies.

    Raises:
        CameraError: The name cannot be a file's.
    """
    if not NAME.fullmatch(name):
        raise CameraError(f"{name!r}: a camera's name has letters, digits, '-' and '_' only.")
    return site / "cameras" / f"{name}.toml"


def parse_camera(data: dict[str, Any], where: str) -> Camera:
    """Check a camera's data.

    Raises:
        CameraError: Something is missing, unknown or out of range.
    """
    try:
        return Camera.model_validate(data)
    except ValidationError as error:
        keys = {
            "name": 0,
            "source": 0,
            "loop": 0,
            "gate": 0,
            "mask": 0,
            "version": 0,
            "from": 0,
            "to": 0,
            "in": 0,
            "rooms": 0,
            "points": 0,
        }
        raise CameraError(explain(error, where, keys)) from error


def load_camera(site: Path, name: str) -> Camera:
    """Load and check a camera's file.

    Raises:
        CameraError: There is none, or it is wrong.
    """
    path = camera_path(site, name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(list_cameras(site)) or "none yet"
        raise CameraError(
            f"unknown camera {name!r} (this site has: {known}); add it with fittingroom camera add."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CameraError(f"{path}: not valid TOML ({error}).") from error
    camera = parse_camera(data, str(path))
    if camera.name != name:
        raise CameraError(f"{path}: name is {camera.name!r} but the file is called {name!r}.")
    return camera


def list_cameras(site: Path) -> list[str]:
    """List the names of a site's cameras."""
    return sorted(path.stem for path in (site / "cameras").glob("*.toml"))


def save_camera(site: Path, camera: Camera) -> Path:
    """Write a camera's file whole or not at all.

    Raises:
        CameraError: The site cannot be written.
    """
    path = camera_path(site, camera.name)
    data = camera.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = tomli_w.dumps({"version": camera.version, **data})
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        raise CameraError(f"{path}: cannot be written ({error.strerror}).") from error
    return path
