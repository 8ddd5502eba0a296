"""Sensors at an MQTT broker: the real Mosquitto."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.errors import SettingsError
from common.settings import RoomSensor, SensorSettings
from common.settings_file import parse_settings
from services import sensors
from services.sensors import BrokerError, SensorListener, parse_payload, receive_signal
from store import Site, journal
from tests.browser_setup import find_program
from tests.conftest import free_port

ROOMS = {
    "1": RoomSensor(topic="zigbee2mqtt/room 1"),
    "2": RoomSensor(topic="shop/room2", kind="occupancy"),
}


def reported(site: Site) -> list[tuple[str, str]]:
    with site.store.read() as session:
        entries = [e for e in journal.after(session, 0) if e.kind == "room.signal"]
        return [(entry.room, entry.payload["state"]) for entry in entries]


@pytest.mark.parametrize(("kind", "payload", "state"), [
    ("contact", b'{"contact": true, "battery": 97}', "closed"),
    ("contact", b'{"contact": false}', "opened"),
    ("contact", b'{"contact": "false"}', "opened"),
    ("contact", b'{"contact": 1}', "closed"),
    ("contact", b'{"contact": "open"}', "opened"),
    ("contact", b'{"state": "open"}', "opened"),
    ("contact", b"ON", "opened"),
    ("contact", b"close", "closed"),
    ("occupancy", b'{"occupancy": true}', "occupied"),
    ("occupancy", b'{"presence": false}', "free"),
    ("occupancy", b"0", "free"),
])  # fmt: skip
def test_payloads_that_common_devices_send(kind: str, payload: bytes, state: str) -> None:
    assert parse_payload(payload, RoomSensor(topic="t", kind=kind)) == state
    opposite = parse_payload(payload, RoomSensor(topic="t", kind=kind, inverted=True))
    assert opposite != state


@pytest.mark.parametrize("payload", [b"", b"\xff", b"ajar", b'{"battery": 3}', b"[1]", b"null"])
def test_other_payloads_are_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="state|field|decode"):
        parse_payload(payload, ROOMS["1"])


@pytest.mark.parametrize(("text", "said"), [
    ("[sensors]\nmqtt = 'http://user:secret@host'", "sensors.mqtt"),
    ("[sensors]\nmqtt = 'mqtt://user:secret@host:99999'", "sensors.mqtt.* port"),
    ("[sensors]\nmqtt = 'mqtt://user:secret@'", "sensors.mqtt.* host"),
    ("[sensors]\nmqtt = 'mqtt://user:secret@[::1'", "sensors.mqtt.* host"),
    ("[sensors]\nmqtt = 'mqtt://user:secret@host'", "sensors.mqtt needs the topic"),
    ("[sensors.rooms.1]\ntopic = 'a'", "sensors.rooms needs sensors.mqtt"),
    ("[sensors.rooms.1]\nkind = 'contact'", "sensors.rooms.1.topic"),
    ("[sensors.rooms.1]\ntopic = 'a/+'", "sensors.rooms.1.topic"),
    ("[sensors.rooms.1]\ntopic = 'a'\nkind = 'radar'", "sensors.rooms.1.kind"),
])  # fmt: skip
def test_wrong_settings_are_one_clear_error(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        parse_settings(text, "fittingroom.toml")
    assert "secret" not in str(raised.value)
    assert "Value error" not in str(raised.value)


def test_a_missing_client_is_one_clear_error(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(sensors, "import_module", missing)
    with pytest.raises(SettingsError, match=r"pip install 'fittingroom\[mqtt\]'"):
        SensorListener(shop, SensorSettings(mqtt="mqtt://127.0.0.1", rooms=ROOMS))


def test_a_state_counts_once(shop: Site) -> None:
    assert receive_signal(shop, "1", "opened", 1.0)
    assert not receive_signal(shop, "1", "opened", 2.0)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """Mosquitto, which asks for a password; its port."""
    pytest.importorskip("paho.mqtt.client", reason="the extra mqtt is not installed")
    program, hashing = find_program("mosquitto"), find_program("mosquitto_passwd")
    if program is None or hashing is None:
        pytest.skip("Mosquitto is not installed (Debian: apt-get install mosquitto)")
    port, passwords = free_port(), tmp_path / "passwords"
    subprocess.run([hashing, "-c", "-b", str(passwords), "shop", "p@ss"], check=True)
    passwords.chmod(0o644)
    tmp_path.chmod(0o755)
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\npassword_file {passwords}\nuser root\n")
    with subprocess.Popen([program, "-c", str(config)], stderr=subprocess.PIPE) as process:
        try:
            yield port
        finally:
            process.terminate()


def wait_for(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.integration
def test_signals_come_from_a_real_broker(shop: Site, broker: int) -> None:
    from paho.mqtt import publish

    def send(topic: str, payload: str, retain: bool = False) -> None:
        auth = {"username": "shop", "password": "p@ss"}
        publish.single(topic, payload, 1, retain, "127.0.0.1", broker, auth=auth)

    settings = SensorSettings(mqtt=f"mqtt://shop:p%40ss@127.0.0.1:{broker}", rooms=ROOMS)
    assert wait_for(lambda: _accepts(broker))
    send("zigbee2mqtt/room 1", '{"contact": false}', retain=True)  # nobody knows since when
    listener = SensorListener(shop, settings)
    listener.worker.start()
    try:
        assert listener.wait_until_connected(20)
        send("zigbee2mqtt/room 1", "nonsense")
        send("zigbee2mqtt/room 1", '{"contact": true, "linkquality": 120}')
        send("zigbee2mqtt/room 1", '{"contact": true, "linkquality": 80}')
        send("shop/another", "ON")
        send("shop/room2", "ON")
        assert wait_for(lambda: len(reported(shop)) >= 2)
        assert reported(shop) == [("1", "closed"), ("2", "occupied")]
    finally:
        listener.stop()


def _accepts(port: int) -> bool:
    import socket

    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_a_broker_that_is_not_there_is_reported_without_its_password(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("paho.mqtt.client", reason="the extra mqtt is not installed")
    monkeypatch.setattr(sensors, "_PATIENCE_S", 0.0)
    settings = SensorSettings(mqtt=f"mqtt://shop:secret@127.0.0.1:{free_port()}", rooms=ROOMS)
    listener = SensorListener(shop, settings)
    try:
        with pytest.raises(
            BrokerError, match=r"is not reached.*Check it, and sensors\.mqtt"
        ) as why:
            listener._check()
        assert "secret" not in str(why.value)
    finally:
        listener.stop()
