"""Who looks at a preview: a login, or one browser where the site is open."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from flask import Response, request

from web.cookies import LOGIN, keep_cookie

_BROWSER: Final = "fittingroom_browser"
_BROWSER_S: Final = 24 * 3600


def current_viewer() -> str:
    """Return who asks, as a hash of the cookie that names them; empty if there is none yet."""
    for name in (LOGIN, _BROWSER):
        if token := request.cookies.get(name, ""):
            return _digest(name, token)
    return ""


def name_viewer(response: Response) -> str:
    """Give a browser without a cookie one; returns who it is from now on."""
    token = secrets.token_urlsafe(24)
    keep_cookie(response, _BROWSER, token, _BROWSER_S)
    return _digest(_BROWSER, token)


def _digest(name: str, token: str) -> str:
    return hashlib.sha256(f"{name}:{token}".encode()).hexdigest()
