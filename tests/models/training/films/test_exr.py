from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.training.films.exr import read_exr


def attribute(name: str, kind: str, value: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<i", len(value)) + value


def write_exr(path: Path, values: np.ndarray, compression: bytes = b"\0") -> None:
    """Write one part with a half channel `A` and a float channel `B` that is ten times it."""
    height, width = values.shape
    channels = b"".join(
        name + b"\0" + struct.pack("<iiii", kind, 0, 1, 1) for name, kind in ((b"A", 1), (b"B", 2))
    )
    header = (
        attribute("channels", "chlist", channels + b"\0")
        + attribute("compression", "compression", compression)
        + attribute("dataWindow", "box2i", struct.pack("<4i", 3, 5, 3 + width - 1, 5 + height - 1))
        + b"\0"
    )
    start = 8 + len(header) + 8 * height
    row = width * 6
    table = struct.pack(f"<{height}Q", *(start + n * (8 + row) for n in range(height)))
    lines = b"".join(
        struct.pack("<ii", 5 + n, row)
        + line.astype("<f2").tobytes()
        + (10 * line).astype("<f4").tobytes()
        for n, line in enumerate(values)
    )
    path.write_bytes(struct.pack("<ii", 20000630, 2) + header + table + lines)


def test_channels_come_back(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_exr(tmp_path / "a.exr", values)
    found = read_exr(tmp_path / "a.exr")
    assert found["A"].tolist() == values.tolist()
    assert found["B"].tolist() == (10 * values).tolist()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    write_exr(path, np.zeros((2, 2)), b"\3")
    with pytest.raises(ModelError, match=r"a\.exr.*compressed"):
        read_exr(path)
    write_exr(path, np.zeros((2, 2)))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelError, match=r"a\.exr: not an uncompressed OpenEXR picture"):
        read_exr(path)
    with pytest.raises(ModelError, match=r"b\.exr"):
        read_exr(tmp_path / "b.exr")
