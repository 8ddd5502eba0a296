"""What happens in one server, told to the parts of it that have to act on it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Literal

log = logging.getLogger("fittingroom.serve")

#: The event's name; a subscriber gets what stands behind it.
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
        """Call `act` with what an event is about, each time that it happens."""
        self._subscribers[event].append(act)

    def publish(self, event: Event, *about: Any) -> None:
        """Call all subscribers; one that fails is logged and keeps no other from its turn."""
        for act in self._subscribers[event]:
            try:
                act(*about)
            except Exception:
                log.exception("a part that should act on %s failed", event)
