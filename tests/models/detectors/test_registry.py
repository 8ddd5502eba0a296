from __future__ import annotations

import pytest

from common.registry import UnknownPluginError
from models.detectors import registry as detectors
from models.detectors import yolo
from models.embedders import mobilenet
from models.embedders import registry as embedders


def test_each_registry_finds_its_modules() -> None:
    assert detectors.DETECTORS.get("yolo") is yolo
    assert embedders.EMBEDDERS.get("mobilenet") is mobilenet


def test_an_unknown_detector_says_which_are_known() -> None:
    with pytest.raises(UnknownPluginError, match=r"'yol'; known: .*yolo"):
        detectors.open_detector("yol")
