"""The confirmation of a camera's masks: by whom, and for which picture shape."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import Field

from calibration.base import Strict

#: Two pictures have the same shape when their aspect ratios differ by less than this share.
_SAME_SHAPE: Final = 0.01
#: Aspect ratios are named by whole numbers of which the second is no larger than this.
_LARGEST_TERM: Final = 16

Pixels = Annotated[int, Field(gt=0)]


class Confirmation(Strict):
    """A person's confirmation of the masked picture.

    Attributes:
        by: Their name.
        date: ISO date and time.
        of: Fingerprint of the masks they saw; other masks are not confirmed by it.
        width, height: Of the picture they saw, pixels; pictures of another shape are not
            confirmed by it. None in files of version 2, which did not hold it.
    """

    by: str = Field(min_length=1, max_length=80)
    date: str
    of: str
    width: Pixels | None = None
    height: Pixels | None = None

    @property
    def aspect(self) -> float | None:
        """Width over height of the picture that was seen; None if it is not known."""
        if self.width is None or self.height is None:
            return None
        return self.width / self.height


def same_shape(width: int, height: int, aspect: float) -> bool:
    """Compare the shape of a picture in pixels with an aspect ratio (width over height).

    The resolution may differ. A crop of the same shape cannot be seen from the shape; the
    comparison with the reference image finds it.
    """
    return abs(width / height / aspect - 1) < _SAME_SHAPE


def describe_shape(width: int, height: int) -> str:
    """Name a picture's size and shape, such as `1280×720 (16:9)`."""
    ratio = Fraction(width, height).limit_denominator(_LARGEST_TERM)
    return f"{width}×{height} ({ratio.numerator}:{ratio.denominator})"


def update_confirmation(data: dict[str, Any]) -> dict[str, Any]:
    """Return a camera's data of version 2 with the shape of the confirmed picture filled in.

    Version 2 closed a camera whose picture had another shape than its lens, or else its picture
    check, had measured. Where neither is there, the shape stays unknown and the masks have to be
    confirmed again.
    """
    said = data.get("confirmed")
    if not isinstance(said, dict) or "width" in said:
        return data
    lens, picture = data.get("lens"), data.get("picture")
    size: tuple[Any, Any] | None = None
    if isinstance(lens, dict) and isinstance(lens.get("aspect"), int | float):
        if lens["aspect"] > 0:
            ratio = Fraction(lens["aspect"]).limit_denominator(10_000)
            size = ratio.numerator, ratio.denominator
    elif isinstance(picture, dict):
        size = picture.get("width"), picture.get("height")
    if size is None:
        return data
    return {**data, "confirmed": {**said, "width": size[0], "height": size[1]}}
