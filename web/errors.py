"""What pages and the API say of an HTTP error that nothing more is known about."""

from __future__ import annotations

from typing import Final

from flask import request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

_TEXTS: Final = {
    400: "The request cannot be read. Reload the page and try again.",
    401: "Log in first.",
    403: "Your account may not do this.",
    404: "There is nothing at this address.",
    405: "This address does not accept {method} requests.",
    406: "This address cannot answer in the form that was asked for.",
    408: "The request took too long. Try again.",
    413: "The request is too large.",
    414: "The address is too long.",
    415: "Send JSON (Content-Type: application/json).",
    416: "The file has no such part.",
    429: "Too many requests. Wait a minute and try again.",
    431: "The request's headers are too large.",
    500: "Something went wrong here; it is in the server's log.",
    501: "The server cannot do this.",
    503: "The server is busy. Try again in a minute.",
}


def message_of(error: HTTPException) -> str:
    """Return what to say of an error: its own message, or ours in place of a library's."""
    library = isinstance(error, RateLimitExceeded) or "description" not in vars(error)
    if not library and error.description:
        return error.description
    known = _TEXTS.get(error.code or 500, f"The request failed ({error.name}).")
    return known.format(method=request.method)
