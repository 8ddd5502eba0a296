"""Tells another program of new requests: the shop's chat, a pager, a phone gateway."""

from __future__ import annotations

import json
import logging
import queue
import threading
import urllib.request
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from store import Site
from store.schema import Request

log = logging.getLogger("fittingroom.webhook")

_TIMEOUT_S: Final = 5.0
_PAUSES_S: Final = (1.0, 5.0)
#: More than this many waiting, and the shop has other worries; the staff page has them all.
_MOST: Final = 100


class Webhook:
    """Posts each new request to an address, in a thread of its own."""

    def __init__(self, site: Site, address: str) -> None:
        """Prepare; nothing is sent before `start`.

        Args:
            site: Whose requests.
            address: An HTTP or HTTPS address.
        """
        self._site, self._address = site, address
        self._waiting: queue.Queue[int] = queue.Queue(_MOST)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhook", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop soon; what was not sent is not sent later."""
        self._ending.set()

    def tell(self, request: int) -> None:
        """Send a request soon; returns at once."""
        try:
            self._waiting.put_nowait(request)
        except queue.Full:
            log.error("request %d was not sent: %d wait already", request, _MOST)

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                request = self._waiting.get(timeout=0.5)
                message = self._describe(request)
            except queue.Empty:
                continue
            except SQLAlchemyError as error:
                log.error("a request was not sent: %s", error)
                continue
            self._send(request, message)

    def _describe(self, number: int) -> dict[str, Any]:
        with self._site.store.read() as session:
            request = session.get_one(Request, number)
            article = None
            wish = "somebody to come"
            if (way := request.colourway) is not None:
                article = {"sku": way.sku, "title": way.article.title, "colour": way.colour}
                size = f"size {request.size}" if request.size else ""
                wish = ", ".join(word for word in (way.article.title, way.colour, size) if word)
            return {
                "text": f"Room {request.room}: {wish}",  # what chat programs show
                "event": "request.open",
                "request": request.id,
                "room": request.room,
                "size": request.size,
                "article": article,
            }

    def _send(self, number: int, message: dict[str, Any]) -> None:
        for pause in (*_PAUSES_S, None):
            asked = urllib.request.Request(
                self._address,
                json.dumps(message).encode(),
                {"Content-Type": "application/json", "User-Agent": "fittingroom"},
            )
            try:
                urllib.request.urlopen(asked, timeout=_TIMEOUT_S).close()
            except OSError as error:  # an HTTP error is one too
                if pause is None or self._ending.wait(pause):
                    log.error("request %d was not sent to web.webhook: %s", number, error)
                    return
            else:
                return
