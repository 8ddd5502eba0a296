"""The exported stylist: what it refuses."""

from __future__ import annotations

import pytest

from models.errors import ModelError
from models.stylist import runtime
from models.stylist.features import WIDTH


def test_weights_for_another_list_of_categories_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "WIDTH", WIDTH + 1)
    with pytest.raises(ModelError, match=rf"takes {WIDTH} numbers.*has {WIDTH + 1}.*train stylist"):
        runtime.Stylist()
