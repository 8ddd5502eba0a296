"""Views of the board and places of the sheet, collected before lens and floor are solved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from calibration.base import CameraError
from calibration.lens import BoardView, coverage, find_board
from calibration.sheet import find_sheet
from common.image import Image

#: Least mean shift of the sheet's corners between two places, as a share of the picture.
_ANOTHER_PLACE: Final = 0.03


@dataclass
class Draft:
    """Views and places of one camera.

    Attributes:
        views: Views of the board, each from another side.
        places: Corners of the sheet where it lay, float64 4×2 each, relative to the picture.
    """

    views: list[BoardView] = field(default_factory=list)
    places: list[NDArray[np.float64]] = field(default_factory=list)

    def covered(self) -> list[list[bool]]:
        """Return which cells of the picture the board has covered."""
        return [[bool(cell) for cell in row] for row in coverage(self.views)]

    def sees(self, image: Image) -> tuple[BoardView | None, bool]:
        """Detect the board; also return whether this view differs from all others."""
        view = find_board(image)
        return view, view is not None and all(view.differs(other) for other in self.views)

    def take_view(self, image: Image) -> None:
        """Add the view of the board in a picture.

        Raises:
            CameraError: The board is not seen, or this view is there already.
        """
        view, new = self.sees(image)
        if view is None:
            raise CameraError("the board is not seen; hold it nearer, still, and in the light.")
        if not new:
            raise CameraError("this view is there already; move the board, or tilt it.")
        self.views.append(view)

    def take_place(self, image: Image) -> None:
        """Add the place of the floor sheet in a picture.

        Raises:
            CameraError: The sheet is not seen, or it has lain in this place already.
        """
        sheet = find_sheet(image)
        if sheet is None:
            raise CameraError("the sheet is not seen; lay it down where there is light.")
        if any(np.abs(sheet - other).mean() <= _ANOTHER_PLACE for other in self.places):
            raise CameraError("the sheet has lain here already; move it to another place.")
        self.places.append(sheet)
