"""Post a message to the address of another program."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from typing import Any


class _WithoutRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses redirects: urllib would follow most of them by GET, without the message."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


def post_json(
    address: str, body: str, timeout_s: float, headers: Mapping[str, str] | None = None
) -> None:
    """Post JSON, and wait until the program has taken it.

    Args:
        address: HTTP or HTTPS.
        body: The JSON.
        timeout_s: How long the other side may stay silent, seconds.
        headers: Further ones, such as a signature.

    Raises:
        urllib.error.HTTPError: It answered with an error, or with a redirect.
        OSError, http.client.HTTPException, ValueError: It was not reached, or did not answer.
    """
    sent = {"Content-Type": "application/json", "User-Agent": "fittingroom", **(headers or {})}
    request = urllib.request.Request(address, body.encode(), sent)
    urllib.request.build_opener(_WithoutRedirects).open(request, timeout=timeout_s).close()
