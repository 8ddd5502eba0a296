"""Values are written into TOML without losing what people wrote beside them."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from common.toml import update_toml

WRITTEN = """\
# The camera above the door; its cable runs behind the mirror.
name = "door"
source = "rtsp://cam-3/low"   # the small picture is enough
loop = true

[[gate]]
name = "left"
rooms = ["1", "2"]

[lens]
# measured on the ladder
focal = 0.9
"""


def test_comments_and_order_stay() -> None:
    data = tomllib.loads(WRITTEN) | {"source": "rtsp://cam-3/high"}
    assert update_toml(WRITTEN, data) == WRITTEN.replace("/low", "/high")
    assert update_toml(WRITTEN, tomllib.loads(WRITTEN)) == WRITTEN


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"gate": [{"name": "right", "rooms": []}, {"name": "left", "rooms": ["1"]}]},
        {"mask": [{"polygon": [[0.0, 0.1], [1.0, 1.0]]}]},
        {"lens": {"focal": 0.8, "tangential": {"a": 1}}},
        {"lens": 1},
    ],
    ids=["a new value", "an array of tables", "a new array", "a table", "no table any more"],
)
def test_new_values_are_what_is_read_back(change: dict[str, Any]) -> None:
    data = tomllib.loads(WRITTEN) | change
    written = update_toml(WRITTEN, data)
    assert tomllib.loads(written) == data
    assert "behind the mirror" in written


def test_what_is_gone_is_removed() -> None:
    data = tomllib.loads(WRITTEN)
    del data["gate"], data["loop"]
    assert tomllib.loads(update_toml(WRITTEN, data)) == data


@pytest.mark.parametrize("text", ["", "name = ", "\ufffd = 1"])
def test_a_broken_file_is_written_anew(text: str) -> None:
    assert tomllib.loads(update_toml(text, {"name": "door"})) == {"name": "door"}
