from __future__ import annotations

import pytest

from services.events import Events


def test_subscribers_get_what_an_event_is_about() -> None:
    events, heard = Events(), list[object]()
    events.subscribe("request.opened", heard.append)
    events.subscribe("camera.changed", heard.append)
    events.publish("request.opened", 7)
    events.publish("camera.opened", "door")
    assert heard == [7]


def test_a_subscriber_that_fails_keeps_no_other_from_its_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events, heard = Events(), list[object]()
    events.subscribe("camera.changed", lambda _name: 1 / 0)
    events.subscribe("camera.changed", heard.append)
    events.publish("camera.changed", "door")
    assert heard == ["door"]
    assert "camera.changed" in caplog.text
