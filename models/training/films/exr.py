"""Read the uncompressed multi-part OpenEXR files that the renderer writes.

Half and float scanlines without compression only; the layout is that of "OpenEXR File Layout"
(Academy Software Foundation).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

_MAGIC: Final = 20000630
_MULTI_PART: Final = 0x1000
_TYPES: Final[dict[int, np.dtype[Any]]] = {
    0: np.dtype("<u4"),
    1: np.dtype("<f2"),
    2: np.dtype("<f4"),
}


class _Header:
    """A part's attributes, and its channels with their types in the file's order."""

    def __init__(self, attributes: dict[str, bytes]) -> None:
        if attributes["compression"] != b"\0":
            raise ValueError("compressed pictures are not read")
        left, top, right, bottom = struct.unpack("<4i", attributes["dataWindow"])
        self.left, self.top = left, top
        self.width, self.height = right - left + 1, bottom - top + 1
        self.channels: list[tuple[str, np.dtype[Any]]] = []
        data = attributes["channels"]
        while data[0]:
            name, _, rest = data.partition(b"\0")
            self.channels.append((name.decode(), _TYPES[struct.unpack("<i", rest[:4])[0]]))
            data = rest[16:]


def _headers(data: bytes, position: int, several: bool) -> tuple[list[_Header], int]:
    headers = []
    while data[position]:
        attributes = {}
        while data[position]:
            name, kind_at = _string(data, position)
            _, size_at = _string(data, kind_at)
            size = struct.unpack_from("<i", data, size_at)[0]
            attributes[name] = data[size_at + 4 : size_at + 4 + size]
            position = size_at + 4 + size
        headers.append(_Header(attributes))
        position += 1
        if not several:
            return headers, position
    return headers, position + 1


def _string(data: bytes, position: int) -> tuple[str, int]:
    end = data.index(b"\0", position)
    return data[position:end].decode(), end + 1


def read_exr(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read every channel as float32 H×W, by its full name.

    Raises:
        ModelError: The file is missing, broken or compressed.
    """
    try:
        data = path.read_bytes()
        magic, version = struct.unpack_from("<ii", data)
        if magic != _MAGIC:
            raise ValueError("not OpenEXR")
        several = bool(version & _MULTI_PART)
        headers, position = _headers(data, 8, several)
        lines = [header.height for header in headers]
        offsets = struct.unpack_from(f"<{sum(lines)}Q", data, position)
        found: dict[str, NDArray[np.float32]] = {}
        for header in headers:
            mine, offsets = offsets[: header.height], offsets[header.height :]
            found |= _channels(data, header, mine, 4 if several else 0)
    except (OSError, ValueError, KeyError, IndexError, struct.error) as error:
        raise ModelError(f"{path}: not an uncompressed OpenEXR picture ({error}).") from error
    return found


def _channels(
    data: bytes, header: _Header, offsets: tuple[int, ...], skip: int
) -> dict[str, NDArray[np.float32]]:
    found = {name: np.zeros((header.height, header.width), np.float32)
             for name, _ in header.channels}  # fmt: skip
    for offset in offsets:
        row = struct.unpack_from("<i", data, offset + skip)[0] - header.top
        start = offset + skip + 8
        for name, kind in header.channels:
            found[name][row] = np.frombuffer(data, kind, header.width, start)
            start += header.width * kind.itemsize
    return found
