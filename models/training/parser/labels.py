"""Map the labels of photographed people to the classes of the parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.parsers.protocol import CLASSES

#: Pixels of no known class; they do not count, in training or evaluation.
IGNORED: Final = 255

_NAMES: Final = {
    "background": ("null",),
    "person": ("skin", "hair"),
    "top": ("t-shirt", "top", "bra", "intimate"),
    "shirt": ("shirt", "blouse"),
    "sweater": ("sweater", "sweatshirt", "jumper", "cardigan", "hoodie"),
    "jacket": ("jacket", "blazer", "vest"),
    "coat": ("coat", "cape"),
    "dress": ("dress",),
    "jumpsuit": ("romper", "bodysuit"),
    "skirt": ("skirt",),
    "trousers": ("pants", "leggings"),
    "jeans": ("jeans",),
    "shorts": ("shorts",),
    "bag": ("bag", "purse", "wallet"),
    "shoes": (
        "shoes", "boots", "clogs", "flats", "heels", "loafers", "pumps", "sandals", "sneakers",
        "wedges",
    ),
    "hat": ("hat",),
    "scarf": ("scarf",),
    "accessory": (
        "accessories", "belt", "bracelet", "earrings", "glasses", "gloves", "necklace", "ring",
        "socks", "stockings", "sunglasses", "tie", "tights", "watch",
    ),
}  # fmt: skip
_CLASS_OF: Final = {label: name for name, labels in _NAMES.items() for label in labels}


def read_class_table(root: Path) -> NDArray[np.uint8]:
    """Read which class each number of the masks of a data folder is.

    A label that is several garments in one (`suit`) or of no category is `IGNORED`.

    Returns:
        uint8 256, indexed by the mask's number.

    Raises:
        ModelError: `people_labels.json` is missing or malformed.
    """
    path = root / "data" / "people_labels.json"
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({error}).") from error
    table = np.full(256, IGNORED, np.uint8)
    for number, label in enumerate(labels):
        if label in _CLASS_OF:
            table[number] = CLASSES.index(_CLASS_OF[label])
    return table
