"""The HTTP server: one port, and connections limited so that no address takes them all.

A shopper's phone, a scanner or a stranger may hold connections open without asking for anything.
Such idle connections are closed, oldest first, before they keep others out.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from common.address import place_of
from store import StoreError

log = logging.getLogger("fittingroom.serve")

#: Threads in addition to those that live pages hold.
_SPARE_THREADS: Final = 12
#: Connections in addition to those of live pages: browsers keep some open.
_SPARE_CONNECTIONS: Final = 250
#: Idle connections of one address; a browser opens six.
_IDLE_PER_ADDRESS: Final = 32
#: How long a connection may take for its first request, or for the rest of one.
_REQUEST_S: Final = 10.0
#: How long a connection stays open between two requests.
_KEEP_ALIVE_S: Final = 60.0
#: How long a client may leave an answer unread.
_UNREAD_S: Final = 30.0
#: An answer of which nothing was read for this long no longer counts as being sent.
_STALLED_S: Final = 2.0
_CHECK_S: Final = 1.0
#: What waitress has sent to a connection stays in memory until this many bytes were; a page that
#: is open for a day would come to its default of 16 MB.
_SENT_KEPT: Final = 2**18
#: Largest body that is read at all; the application refuses far smaller ones.
_LARGEST_BODY: Final = 2**20


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else starts.

    Raises:
        StoreError: It is in use or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise StoreError(
            f"cannot listen on {host}:{port} ({error.strerror}); "
            "choose another with --port or web.port in fittingroom.toml."
        ) from error
    return listener


def http_address(host: str, port: int) -> str:
    """Return the URL of a host and port; an IPv6 address stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class HttpServer:
    """Serves an application on a bound socket."""

    def __init__(
        self,
        app: Flask,
        listener: socket.socket,
        live_pages: int,
        trusted: Callable[[str], bool] = lambda _address: False,
    ) -> None:
        """Prepare; nothing is answered before `serve`.

        Args:
            app: The application.
            listener: From `bind`.
            live_pages: How many live pages may be open; each holds a thread and a connection.
            trusted: Checks whether an address is a proxy, for which no limit per address holds.
        """
        # waitress has a line for every page that is closed, which is no news.
        logging.getLogger("waitress").setLevel(logging.WARNING)
        self._sockets: dict[int, Any] = {}
        adjustments = Adjustments(
            ident="fittingroom",
            threads=live_pages + _SPARE_THREADS,
            connection_limit=live_pages + _SPARE_CONNECTIONS,
            outbuf_high_watermark=_SENT_KEPT,
            max_request_body_size=_LARGEST_BODY,
            cleanup_interval=_CHECK_S,
            clear_untrusted_proxy_headers=False,  # web/proxy.py decides about them
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(adjustments.threads)
        self._server = _Listener(
            app,
            self._sockets,
            _sock=listener,
            dispatcher=dispatcher,
            adj=adjustments,
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )
        self._server.trusted = trusted

    def serve(self, ending: threading.Event, between: Callable[[], None] = lambda: None) -> None:
        """Answer requests until `ending` is set; an error there ends no more than its connection.

        Args:
            ending: Ends it.
            between: Called at least four times a second.
        """
        while not ending.is_set():
            try:
                # poll, as select knows no more than 1024 open files
                wasyncore.loop(timeout=0.25, use_poll=True, map=self._sockets, count=1)
                between()
            except Exception:
                log.exception("the server's loop failed and goes on")
                ending.wait(0.25)

    def close(self) -> None:
        """Close all connections; give running requests two seconds."""
        self._server.task_dispatcher.shutdown(timeout=2)
        for connection in list(self._sockets.values()):
            if isinstance(connection, _Connection):
                connection.handle_close()  # closes the files that were being sent, too
        wasyncore.close_all(self._sockets)


class _Connection(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when it has been idle.

    Idle is a connection on which no request is being answered, whether or not parts of the next
    one have come.
    """

    served = False
    _idle_since: float | None = None

    def idle_since(self) -> float | None:
        """Return the monotonic time at which this became idle; None while it is busy."""
        if self.requests or self._sending():
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = time.monotonic()
        return self._idle_since

    def received(self, data: bytes) -> bool:
        """Take what has come, and start the time of a request with its first byte."""
        fresh = self.request is None
        taken: bool = super().received(data)
        if fresh and self.request is not None:
            self._idle_since = time.monotonic()
        return taken

    def overdue(self, now: float) -> bool:
        """Check whether this has been idle for too long."""
        since = self.idle_since()
        patient = self.served and self.request is None
        return since is not None and now - since > (_KEEP_ALIVE_S if patient else _REQUEST_S)

    def unread(self) -> bool:
        """Check whether the client has left an answer unread for too long."""
        return bool(self.total_outbufs_len) and time.time() - self.last_activity > _UNREAD_S

    def _sending(self) -> bool:
        return bool(self.total_outbufs_len) and time.time() - self.last_activity < _STALLED_S


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections and closes idle ones that are in the way of others."""

    channel_class = _Connection
    trusted: Callable[[str], bool]

    def add_task(self, task: _Connection) -> None:
        """Answer a connection's next request."""
        task.served = True
        super().add_task(task)

    def maintenance(self, _now: float) -> None:
        """Close what has been idle, or left an answer unread, for too long."""
        now = time.monotonic()
        for connection in self._connections():
            if connection.overdue(now) or connection.unread():
                connection.will_close = True

    def handle_accept(self) -> None:
        """Accept a connection; make room for the next one."""
        # Not before: the new one may get the number of a closed one, and with it its events.
        super().handle_accept()
        self._limit_each()
        self._make_room()

    def _connections(self) -> list[_Connection]:
        return [one for one in self.active_channels.values() if not one.will_close]

    def _idle(self) -> list[_Connection]:
        """List idle connections, longest idle first."""
        since = {one: one.idle_since() for one in self._connections()}
        idle = {one: time for one, time in since.items() if time is not None}
        return sorted(idle, key=lambda one: idle[one])

    def _limit_each(self) -> None:
        """Close the longest idle connection of every address that has too many."""
        idle = [one for one in self._idle() if not self.trusted(one.addr[0])]
        for address, surplus in _crowd(idle, _IDLE_PER_ADDRESS):
            _close([one for one in idle if _place(one) == address][:surplus])

    def _make_room(self) -> None:
        """Close an idle connection of the address that has most, where all places are taken."""
        if len(self._map) < self.adj.connection_limit - 2:
            return
        idle = self._idle()
        if crowd := _crowd(idle, 0):
            _close([one for one in idle if _place(one) == crowd[0][0]][:1])


def _place(connection: _Connection) -> str:
    return place_of(str(connection.addr[0]))


def _crowd(connections: Iterable[_Connection], most: int) -> list[tuple[str, int]]:
    """List the addresses with more connections than `most`, and how many more, most first."""
    counted = Counter(_place(one) for one in connections)
    return [(place, count - most) for place, count in counted.most_common() if count > most]


def _close(connections: Iterable[_Connection]) -> None:
    for connection in connections:
        connection.handle_close()
