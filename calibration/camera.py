"""A camera's file: source, privacy masks, gates, lens, floor, colour.

All coordinates are relative (0 to 1, origin top left), so a camera may change its resolution
without a new calibration. `calibration.files` reads and writes it.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import unicodedata
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from calibration.areas import Gate, Mask
from calibration.base import CameraError, ShapeError, Strict
from calibration.colour import Colour
from calibration.confirmation import (
    Confirmation,
    describe_shape,
    same_shape,
    update_confirmation,
)
from calibration.floor import Floor
from calibration.lens import Lens
from calibration.picture import Picture

VERSION: Final = 3
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.IGNORECASE)


def explain_name(name: str) -> str:
    """Say what a camera's name may hold: it names files, addresses and environment variables."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    near = re.sub(r"[^a-z0-9_]+", "-", plain, flags=re.IGNORECASE).strip("-_")[:40]
    hint = f"; {near!r} would do." if near else "."
    return f"use letters from a to z, digits, '-' and '_' only, 40 at most{hint}"


class Camera(Strict):
    """A camera with its settings and calibration.

    `source` is a file, an address without user and password (calibration.credentials keeps
    those), or the number or path of a USB camera. `loop` plays a file again and again, for
    demos. It is watched once its masks are confirmed; one that is not `enabled` is not opened.
    """

    version: int = VERSION
    name: str
    source: str = Field(min_length=1)
    loop: bool = False
    enabled: bool = True
    gates: tuple[Gate, ...] = Field(default=(), alias="gate")
    masks: tuple[Mask, ...] = Field(default=(), alias="mask")
    confirmed: Confirmation | None = None
    picture: Picture | None = None
    lens: Lens | None = None
    floor: Floor | None = None
    colour: Colour | None = None

    @property
    def masks_fingerprint(self) -> str:
        """A fingerprint of the masks, which a confirmation refers to."""
        points = [[[round(n, 4) for n in point] for point in mask.points] for mask in self.masks]
        return hashlib.sha256(json.dumps(points).encode()).hexdigest()[:16]

    @property
    def confirmation_problem(self) -> str:
        """Why these masks are not confirmed for a picture shape; empty if they are."""
        said = self.confirmed
        if said is None:
            return "its masks are not confirmed"
        if said.of != self.masks_fingerprint:
            return f"its masks have changed since {said.by} confirmed them"
        if said.aspect is None:
            return (
                f"{said.by} confirmed its masks with an older version of fittingroom, which did "
                "not note the shape of the picture"
            )
        return ""

    @property
    def masks_confirmed(self) -> bool:
        """Whether a person confirmed exactly these masks, on pictures of a known shape."""
        return not self.confirmation_problem

    @property
    def aspect(self) -> float | None:
        """Width over height of the pictures that masks and gates hold for; None if unknown."""
        if self.masks_confirmed and self.confirmed:
            return self.confirmed.aspect
        if self.lens:
            return self.lens.aspect
        return self.picture.width / self.picture.height if self.picture else None

    def fits(self, width: int, height: int) -> bool:
        """Check whether a picture has the shape that masks, gates and lens hold for."""
        known = (self.aspect, self.lens.aspect if self.lens else None)
        return all(same_shape(width, height, aspect) for aspect in known if aspect)

    def check_shape(self, width: int, height: int) -> None:
        """Refuse a picture (pixels) in which masks and gates would lie elsewhere.

        Raises:
            ShapeError: It has another shape than the one they were made for.
        """
        if self.fits(width, height):
            return
        said = self.confirmed
        made_for = "a picture of another shape"
        if self.masks_confirmed and said and said.width and said.height:
            made_for = f"{describe_shape(said.width, said.height)}, confirmed by {said.by}"
        raise ShapeError(
            f"{self.name}: the picture is {describe_shape(width, height)}, but masks and gates "
            f"were made for {made_for}. In this picture they lie elsewhere, so it is not used. "
            "Set the camera's resolution back, or calibrate the camera again for this shape."
        )

    def confirm_masks(self, by: str, date: str, width: int, height: int) -> Camera:
        """Return the camera with its masks confirmed, for pictures of one shape.

        Args:
            by: Who looked at the masked picture.
            date: ISO date and time.
            width: Of the picture they looked at, pixels.
            height: Of the picture they looked at, pixels.

        Raises:
            CameraError: No person is named, or the lens was calibrated on another shape.
        """
        if not by.strip():
            raise CameraError("say who looked at the masked picture and stands for it.")
        if self.lens and not self.lens.fits(width, height):
            raise CameraError(
                f"{self.name}: the lens was calibrated on a picture of another shape than "
                f"{describe_shape(width, height)}. Forget the lens, or set the camera back."
            )
        said = Confirmation(
            by=by.strip()[:80], date=date, of=self.masks_fingerprint, width=width, height=height
        )
        return self.model_copy(update={"confirmed": said})

    def start_again(self) -> Camera:
        """Return the camera without the calibration for pictures of its old shape.

        The masks stay as a draft; gates, lens, floor and picture check have to be made again.
        """
        parts = {"confirmed": None, "picture": None, "lens": None, "floor": None, "gates": ()}
        return self.model_copy(update=parts)

    def restore(self, kept: Camera) -> Camera:
        """Return a kept version of this camera; address and switch stay as they are now.

        Its confirmation is not brought back: the camera may have been turned since. The present
        one stays where it holds for the version's masks and shape.
        """
        confirmed = self.confirmed if kept.masks == self.masks else None
        parts = {"source": self.source, "enabled": self.enabled, "confirmed": confirmed}
        restored = kept.model_copy(update=parts)
        said = restored.confirmed
        if said and said.width and said.height and not restored.fits(said.width, said.height):
            return restored.model_copy(update={"confirmed": None})
        return restored

    @model_validator(mode="before")
    @classmethod
    def _update(cls, data: Any) -> Any:
        """Convert the data of an older version."""
        old = isinstance(data, dict) and data.get("version", VERSION)
        if isinstance(old, int) and 0 < old < VERSION:
            return {**update_confirmation(data), "version": VERSION}
        return data

    @model_validator(mode="after")
    def _gates_have_names(self) -> Camera:
        names = [gate.name for gate in self.gates]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two gates are called {twice!r}; give each its own name.")
        return self

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(explain_name(name))
        return name

    @field_validator("version")
    @classmethod
    def _known(cls, version: int) -> int:
        if version > VERSION:
            raise ValueError(f"written by a newer fittingroom (version {version}).")
        return version


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


_KEYS: Final = dict.fromkeys(
    key
    for model in (Camera, Gate, Mask, Confirmation, Picture, Lens, Floor, Colour)
    for key in _keys_of(model)
)


#: What to do where a list of the file, drawn on the page or written by hand, has too few parts.
_TOO_FEW: Final = {
    "points": "a mask needs three corners or more; draw it to its end, or remove it.",
    "rooms": "name the room behind the gate, or several.",
}


def explain(error: ValidationError, where: str, fields: dict[str, Any]) -> str:
    """Say the first thing a check found, with the nearest valid name for an unknown key."""
    # A mistyped key explains the missing one next to it.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or "file"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), fields, 1, 0.5)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(fields)}."
        return f"{where}: unknown key '{key}'{hint}"
    text = first["msg"].removeprefix("Value error, ")
    if first["type"] in ("greater_than_equal", "less_than_equal"):
        text = f"{first['input']} is outside the picture; coordinates go from 0 to 1."
    if first["type"] == "too_short" and first["loc"][-1] in _TOO_FEW:
        text = _TOO_FEW[str(first["loc"][-1])]
    return f"{where}: {key}: {text}"


def parse_camera(data: dict[str, Any], where: str) -> Camera:
    """Check a camera's data.

    Raises:
        CameraError: Something is missing, unknown or out of range.
    """
    try:
        return Camera.model_validate(data)
    except ValidationError as error:
        raise CameraError(explain(error, where, _KEYS)) from error


def change_camera(camera: Camera, **parts: Any) -> Camera:
    """Return a camera with parts of its file replaced (None: taken out), checked like a file.

    Raises:
        CameraError: A part is wrong.
    """
    data = camera.model_dump(mode="json", by_alias=True, exclude_none=True)
    kept = {key: value for key, value in data.items() if key not in parts}
    fresh = {key: value for key, value in parts.items() if value is not None}
    return parse_camera({**kept, **fresh}, camera.name)
