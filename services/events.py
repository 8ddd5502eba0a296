"""The event dispatcher of one server process."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Literal

log = logging.getLogger("fittingroom.serve")

#: The event's name; the subscriber's argument stands behind it.
#:
#: - `catalogue.changed`: nothing.
#: - `request.opened`: the request's number.
#: - `camera.opened`, `camera.closed`: the name of a camera whose calibration begins or ends.
#: - `camera.changed`: the name of a camera whose file was written or removed.
Event = Literal[
    "catalogue.changed", "request.opened", "camera.opened", "camera.closed", "camera.changed"
]


class Events:
    """Calls the subscribers of an event, in the thread in which it happens."""

    def __init__(self) -> None:
        """Start without subscribers."""
        self._subscribers: dict[Event, list[Callable[..., object]]] = defaultdict(list)

    def subscribe(self, event: Event, act: Callable[..., object]) -> None:
        """Call `act` with the event's arguments each time the event happens."""
        self._subscribers[event].append(act)

    def publish(self, event: Event, *about: Any) -> None:
        """Call all subscribers; the failure of one is logged and does not stop the others."""
        for act in self._subscribers[event]:
            try:
                act(*about)
            except Exception:
                log.exception("a subscriber of %s failed", event)
