"""Send new requests to another program: the shop's chat, a pager, a phone gateway."""

from __future__ import annotations

import json
import logging
import queue
import threading
from http.client import BadStatusLine
from typing import Any, Final

from services.catalogue.cards import Cards
from services.posting import post_json
from services.workers import Worker
from store import Session, Site
from store.schema import Request

log = logging.getLogger("fittingroom.webhook")

_TIMEOUT_S: Final = 5.0
_PAUSES_S: Final = (1.0, 5.0)
#: Most requests that wait to be sent; the staff page shows all.
_MOST: Final = 100


class Webhook:
    """Posts each new request to an address, in its own thread."""

    def __init__(self, site: Site, address: str) -> None:
        """Prepare; nothing is sent before the worker starts.

        Args:
            site: The site with the requests.
            address: An HTTP or HTTPS address.
        """
        self._site, self._address = site, address
        self._waiting: queue.Queue[int] = queue.Queue(_MOST)
        self._ending = threading.Event()
        #: Sends waiting requests; the server starts it.
        self.worker = Worker("webhook", self._work, 0.0)

    def stop(self) -> None:
        """Stop soon; waiting requests are dropped."""
        self._ending.set()
        self.worker.stop(timeout=0.0)

    def send_soon(self, request: int) -> None:
        """Queue a request for sending and return at once."""
        try:
            self._waiting.put_nowait(request)
        except queue.Full:
            log.error("request %d was not sent: %d are waiting already", request, _MOST)

    def _work(self) -> None:
        try:
            request = self._waiting.get(timeout=0.5)
        except queue.Empty:
            return
        self._send(request, self._describe(request))

    def _describe(self, number: int) -> dict[str, Any]:
        with self._site.store.read() as session:
            request = session.get_one(Request, number)
            message: dict[str, Any] = {
                "event": "request.open",
                "request": request.id,
                "room": request.room,
                "size": request.size,
                "article": None,
            }
            words = "somebody to come"
            if request.colourway_id is not None:
                words, message["article"] = _article(session, request)
            # Chat programs show `text`.
            return {"text": f"Room {request.room}: {words}"} | message

    def _send(self, number: int, message: dict[str, Any]) -> None:
        for pause in (*_PAUSES_S, None):
            try:
                post_json(self._address, json.dumps(message), _TIMEOUT_S)
            except Exception as error:  # whatever a network, or a wrong address, makes of it
                if pause is None or self._ending.wait(pause):
                    log.error("request %d was not sent to web.webhook: %s", number, _why(error))
                    return
            else:
                return


def _why(error: Exception) -> str:
    """Describe a failure; errors that may contain the address and its token are not shown."""
    known = isinstance(error, (OSError, BadStatusLine)) and not isinstance(error, UnicodeError)
    return f"{error}" if known else f"{type(error).__name__}; check web.webhook in the settings"


def _article(session: Session, request: Request) -> tuple[str, dict[str, Any]]:
    """Describe the requested article in words and as data; the SKU is that of the size."""
    key = request.colourway_id or 0
    cards = Cards.read(session, [key], request.opened_at)
    card, variant = cards.card(key), cards.variant(key, request.variant_id)
    shelf = cards.shelf(key, request.variant_id)
    article = {name: card[name] for name in ("style", "title", "colour")}
    article |= {"sku": variant["sku"] if variant else None, "shelf": shelf}
    size = f"size {request.size}" if request.size else ""
    number = variant["sku"] if variant else card["style"]
    words = [card["title"], card["colour"], size, number, f"shelf {shelf}" if shelf else ""]
    return ", ".join(word for word in words if word), article
