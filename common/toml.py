"""Edit TOML files that people write in too."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError


def update_toml(text: str, data: dict[str, Any]) -> str:
    """Return TOML with these values; what is the same already keeps its place and comments.

    Args:
        text: The content of the file so far; replaced where it is not valid TOML.
        data: All values that the file is to have.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError:
        document = tomlkit.document()
    for key in [key for key in document if key not in data]:
        del document[key]
    known = document.unwrap()
    for key, value in data.items():
        if known.get(key) != value:
            document[key] = value
    written = tomlkit.dumps(document)
    return written if tomllib.loads(written) == data else tomlkit.dumps(data)
