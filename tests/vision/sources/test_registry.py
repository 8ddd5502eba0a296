from __future__ import annotations

from importlib.metadata import EntryPoint

import numpy as np
import pytest

from common import registry
from common.image import Image
from common.registry import Registry, UnknownPluginError
from vision.sources import device, file, network
from vision.sources import registry as sources
from vision.sources.cause import Cause, SourceError


class Still:
    """A plug-in's source: one grey picture."""

    rate, length_s = 5.0, 0.0

    def read(self) -> tuple[Image, float | None] | None:
        return np.full((4, 6, 3), 128, np.uint8), None

    def close(self) -> None:
        pass


def opens(source: str) -> bool:
    return source.startswith("still:")


def open_source(_source: str, _timeout_s: float | None = None) -> Still:
    return Still()


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("0", device),
        ("/dev/video0", device),
        ("/dev/v4l/by-id/cam", device),
        ("rtsp://10.0.0.1/stream", network),
        ("clip.mp4", file),
        ("/film/clip.mp4", file),
    ],
)
def test_every_source_has_one_module(source: str, module: object) -> None:
    assert [found for found in sources.SOURCES.modules() if found.opens(source)] == [module]


def test_an_installed_plug_in_opens_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("still", __name__, "fittingroom.sources")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] * (group == point.group))
    monkeypatch.setattr(
        sources, "SOURCES", Registry("vision.sources", "fittingroom.sources", "opens")
    )
    frames = sources.open_source("still://wall")
    assert isinstance(frames, Still)
    with pytest.raises(SourceError) as refused:
        sources.open_source("none.mp4")
    assert refused.value.cause is Cause.FILE_MISSING


def test_a_plug_in_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("gone", "no.such.module", "fittingroom.sources")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] * (group == point.group))
    with pytest.raises(UnknownPluginError, match=r"gone \(no\.such\.module\) cannot be loaded"):
        list(Registry[object]("vision.sources", "fittingroom.sources", "opens").modules())


def test_an_unknown_name_says_which_are_known() -> None:
    with pytest.raises(UnknownPluginError, match=r"known: .*device, file, .*network"):
        sources.SOURCES.get("film")
