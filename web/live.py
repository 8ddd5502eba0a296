"""Live pages: a topic of the hub as an event stream."""

from __future__ import annotations

from flask import Response, abort, g

from web.hub import STAFF, Hub, NotFollowedError, TooManyPages
from web.schemas.base import EventHeaders


def stream(hub: Hub, topic: str, headers: EventHeaders) -> Response:
    """Answer with a topic's events, resumed after `Last-Event-ID`.

    Where there is no place, the answer is a 503. Who is logged in takes one of the places for
    staff, whatever the topic.
    """
    last = headers.last_event_id
    staff = topic == STAFF or g.get("account") is not None
    try:
        events = hub.subscribe(topic, int(last) if last else None, staff)
    except TooManyPages:
        setting = "web.staff_pages" if staff else "web.screens"
        abort(503, f"Too many pages follow this server; close one or raise {setting}.")
    except NotFollowedError:
        abort(503, "Nothing new can be shown just now; the page tries again.")
    response = Response(events, mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response
