"""Live pages: a topic of the hub as an event stream."""

from __future__ import annotations

from flask import Response, abort, request

from web.hub import Hub, TooManyPages


def stream(hub: Hub, topic: str) -> Response:
    """Answer with a topic's events, resumed after `Last-Event-ID`; 503 where there is no place."""
    last = request.headers.get("Last-Event-ID", "")
    try:
        events = hub.subscribe(topic, int(last) if last.isdigit() else None)
    except TooManyPages:
        abort(503, "Too many pages follow this server; close one or raise web.screens.")
    response = Response(events, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
