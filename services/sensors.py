"""Record what sensors at the rooms report, and follow those that an MQTT broker distributes."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from common.errors import FittingroomError, SettingsError
from common.redact import redact
from common.sensor import STATES_OF, Signal, State
from common.settings import RoomSensor, SensorSettings
from services.visits.recording import record_signal
from services.workers import Worker
from store import Site

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

log = logging.getLogger("fittingroom.sensors")

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_CHECK_S: Final = 5.0
#: A broker that is not reached for so long is reported.
_PATIENCE_S: Final = 15.0
#: Words for the active and the inactive state, as Zigbee2MQTT, Tasmota, ESPHome and Shelly send.
_ACTIVE: Final = {"on", "open", "opened", "occupied", "detected", "true", "1"}
_INACTIVE: Final = {"off", "close", "closed", "free", "clear", "false", "0"}
_TRUTHS: Final = {"true", "false", "1", "0"}
#: Where a JSON object has the state. Zigbee2MQTT's `contact` is true while a door is shut.
_FIELDS: Final = {"contact": ("contact", "state"), "occupancy": ("occupancy", "presence", "state")}


class BrokerError(FittingroomError):
    """An MQTT broker is not reached."""

    status = 503


def receive_signal(site: Site, room: str, state: State, now: float) -> bool:
    """Record what a room's sensor reports; returns False if it reported the same before."""
    with site.store.write() as session:
        return record_signal(session, Signal(now, room, state)) is not None


def parse_payload(payload: bytes, sensor: RoomSensor) -> State:
    """Read a sensor's state from an MQTT message: JSON, or a word.

    Raises:
        ValueError: It names no state.
    """
    text = payload.decode().strip()
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = text
    shut_is_true = False
    if isinstance(value, dict):
        name = next((name for name in _FIELDS[sensor.kind] if name in value), None)
        if name is None:
            raise ValueError(f"no field {' or '.join(_FIELDS[sensor.kind])}")
        value, shut_is_true = value[name], name == "contact"
    word = str(value).lower()
    if word not in _ACTIVE | _INACTIVE:
        raise ValueError("no state such as open, closed, ON, OFF, true or false")
    active, inactive = STATES_OF[sensor.kind]
    is_active = (word in _ACTIVE) != (sensor.inverted != (shut_is_true and word in _TRUTHS))
    return active if is_active else inactive


class SensorListener:
    """Follows the sensors of the rooms at an MQTT broker, and reconnects for as long as it runs."""

    def __init__(
        self, site: Site, settings: SensorSettings, clock: Callable[[], float] = time.time
    ) -> None:
        """Prepare; nothing is connected before the worker starts.

        Args:
            site: Where signals are recorded.
            settings: The broker's address and the rooms' topics.
            clock: Seconds since the epoch.

        Raises:
            SettingsError: The MQTT client is not installed.
        """
        self._site, self._settings, self._clock = site, settings, clock
        self._client: Client | None = None
        self._connected = threading.Event()
        self._since, self._why = time.monotonic(), ""
        self._mqtt = _load_client()
        #: Connects, and reports a broker that is not reached; the server starts it.
        self.worker = Worker("sensors", self._check, _CHECK_S, at_once=True)

    def stop(self) -> None:
        """Disconnect."""
        self.worker.stop()
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()

    def wait_until_connected(self, timeout_s: float) -> bool:
        """Wait until the broker has accepted the subscriptions; returns whether it has."""
        return self._connected.wait(timeout_s)

    def _check(self) -> None:
        if self._client is None:
            self._client = self._connect()
        if self._connected.is_set():
            self._since = time.monotonic()
        elif time.monotonic() - self._since > _PATIENCE_S:
            raise BrokerError(
                f"The MQTT broker at {redact(self._settings.mqtt)} is not reached"
                f"{self._why and f' ({self._why})'}. Check it, and sensors.mqtt in the settings."
            )

    def _connect(self) -> Client:
        address = urlsplit(self._settings.mqtt)
        client: Client = self._mqtt.Client(self._mqtt.CallbackAPIVersion.VERSION2)
        if address.scheme == "mqtts":
            client.tls_set()
        if address.username is not None:
            client.username_pw_set(unquote(address.username), unquote(address.password or ""))
        client.on_connect = self._subscribe
        client.on_subscribe = lambda *_: self._connected.set()
        client.on_disconnect = self._note_disconnect
        client.on_message = self._receive
        client.connect_async(address.hostname or "", address.port or _PORTS[address.scheme])
        client.loop_start()
        return client

    def _subscribe(self, client: Client, _data: Any, _flags: Any, reason: Any, *_: Any) -> None:
        if reason.is_failure:
            self._why = str(reason)
            return
        client.subscribe([(sensor.topic, 1) for sensor in self._settings.rooms.values()])

    def _note_disconnect(self, *how: Any) -> None:
        self._connected.clear()
        self._why = self._why or str(how[3])

    def _receive(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain:
            return  # it is not certain when it became so
        for room, sensor in self._settings.rooms.items():
            if sensor.topic == message.topic:
                self._record(room, sensor, bytes(message.payload))

    def _record(self, room: str, sensor: RoomSensor, payload: bytes) -> None:
        try:
            receive_signal(self._site, room, parse_payload(payload, sensor), self._clock())
        except ValueError as error:
            log.warning("room %s: a message of %s has %s", room, sensor.topic, error)
        except Exception:  # the client's thread must live on, whatever the database says
            log.exception("room %s: what its sensor reported was not recorded", room)


def _load_client() -> Any:
    """Import the MQTT client.

    Raises:
        SettingsError: It is not installed.
    """
    try:
        return import_module("paho.mqtt.client")
    except ImportError as error:
        raise SettingsError(
            "sensors.mqtt needs the MQTT client: pip install 'fittingroom[mqtt]'."
        ) from error
