"""Sensors that report by HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from common.settings import RoomSensor, SensorSettings
from store import Site, journal
from tests.conftest import free_port
from tests.crossings import cross, garment
from tests.web.conftest import running_server
from tests.web.test_entrance import close_doors


def test_a_change_is_written_to_the_journal_once(client: FlaskClient, shop: Site) -> None:
    for state in ("opened", "opened", "closed"):
        sent = client.post("/api/rooms/1/signals", json={"state": state})
        assert sent.status_code == 200
    with shop.store.read() as session:
        assert journal.payloads(session, "room.signal") == [
            {"state": "opened"},
            {"state": "closed"},
        ]


@pytest.mark.parametrize(("room", "body", "status"), [
    ("9", {"state": "opened"}, 404), ("1", {"state": "ajar"}, 400), ("1", {}, 400),
    ("1", {"state": "opened", "time": 3}, 400),
])  # fmt: skip
def test_other_reports_are_refused(
    client: FlaskClient, room: str, body: dict[str, object], status: int
) -> None:
    assert client.post(f"/api/rooms/{room}/signals", json=body).status_code == status


def test_a_stranger_may_not_report(shop: Site) -> None:
    sent = close_doors(shop).post("/api/rooms/1/signals", json={"state": "opened"})
    assert sent.status_code == 401


def test_staff_read_what_the_door_contributed(client: FlaskClient, shop: Site) -> None:
    cross(shop, 100, "entry", garment("T1-S"))
    with shop.store.write() as session:
        for time, state in ((400, "opened"), (403, "closed"), (899, "opened")):
            journal.append(session, time, "room.signal", "1", {"state": state})
    cross(shop, 900, "entry", garment("K1", "skirt"))
    state = client.get("/api/staff").json
    assert state is not None
    decided = state["rooms"][0]["decided"]
    assert (decided["act"], decided["reason"], decided["time"]) == ("hidden", "next", 900.0)
    assert decided["evidence"] == "door_opened"


@pytest.mark.integration
def test_a_server_reports_a_broker_that_is_not_there_and_ends(shop: Site) -> None:
    pytest.importorskip("paho.mqtt.client", reason="the extra mqtt is not installed")
    sensors = SensorSettings(
        mqtt=f"mqtt://127.0.0.1:{free_port()}", rooms={"1": RoomSensor(topic="t")}
    )
    site = replace(shop, settings=shop.settings.model_copy(update={"sensors": sensors}))
    with running_server(site) as server:
        assert "sensors" in [state.name for state in server._workers.states()]
