"""Live pages: a topic of the hub as an event stream."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, abort, g, request

from web.hub import STAFF, Hub, NotFollowedError, TooManyPages

#: A journal id: more digits than this no database counts to.
_EVENT_ID: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def stream(hub: Hub, topic: str) -> Response:
    """Answer with a topic's events, resumed after `Last-Event-ID`.

    A `Last-Event-ID` that this server never sent is a 400; where there is no place, the answer is
    a 503. Who is logged in takes one of the places for staff, whatever the topic.
    """
    last = request.headers.get("Last-Event-ID", "")
    if last and not _EVENT_ID.fullmatch(last):
        abort(400, "Last-Event-ID is not an id that this server sent; leave it out.")
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
