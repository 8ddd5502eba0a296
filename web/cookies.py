"""The cookies that say who asks: out of reach of scripts and of other sites."""

from __future__ import annotations

from typing import Final

from flask import Response, request

#: Who is logged in.
LOGIN: Final = "fittingroom_login"
#: A browser in which an account has logged in before; opens nothing.
DEVICE: Final = "fittingroom_device"
#: Which room's screen this is.
SCREEN: Final = "fittingroom_screen"


def keep_cookie(response: Response, name: str, token: str, seconds: float) -> Response:
    """Let the browser keep a token; over HTTPS it is sent over HTTPS alone."""
    response.set_cookie(
        name,
        token,
        max_age=int(seconds),
        path=_path(),
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


def drop_cookie(response: Response, name: str) -> Response:
    """Let the browser forget a token."""
    response.delete_cookie(
        name, path=_path(), httponly=True, samesite="Strict", secure=request.is_secure
    )
    return response


def _path() -> str:
    """Return where this server's pages begin; behind a proxy, others may live next to them."""
    return request.script_root + "/"
