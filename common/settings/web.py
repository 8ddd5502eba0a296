"""Settings of the web server."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from common.settings.section import Section


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("Give addresses or networks, such as 127.0.0.1 or 10.0.0.0/8") from error
    return text


class WebSettings(Section):
    """The web server."""

    host: Annotated[
        str, Field(description="Address to listen on; `0.0.0.0` lets other machines in.")
    ] = "127.0.0.1"
    open: Annotated[
        bool,
        Field(description="Disables authentication; for development only."),
    ] = False
    address: Annotated[
        str,
        Field(
            description="Address of this server as a shopper's phone reaches it, "
            "`https://rooms.example.com` say, for the list to take along; empty is the address "
            "the screen uses.",
            pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$",
        ),
    ] = ""
    hosts: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^\s/\[\]@]+$")], ...],
        Field(
            description="Further names and addresses under which browsers reach this server, "
            "`rooms.example.com` say, or `.example.com` for all names within. It answers anyway to "
            "the name in `web.address`, the machine's own name, and local addresses."
        ),
    ] = ()
    prefix: Annotated[
        str,
        Field(
            pattern=r"^(/[\w.~-]+)*$",
            description="Path under which a proxy shows this server, `/fitting` say, where it does "
            "not send `X-Forwarded-Prefix`.",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...],
        Field(
            description="Addresses and networks of the proxies before this server, such as "
            '`["127.0.0.1"]`; what they say in `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` '
            "is believed. See [HTTPS behind a proxy](../how-to/https.md)."
        ),
    ] = ()
    port: Annotated[int, Field(ge=1, le=65535, description="Port to listen on.")] = 8080
    webhook: Annotated[
        str,
        Field(
            pattern=r"^(https?://\S+)?$",
            description="HTTP address that is sent each new request as JSON, its `text` as chat "
            "programs show it; empty is none.",
        ),
    ] = ""
    screens: Annotated[
        int,
        Field(
            ge=1,
            le=400,
            description="How many screens may follow live at once; one more gets a 503.",
        ),
    ] = 60
    staff_pages: Annotated[
        int,
        Field(
            ge=1,
            le=400,
            description="How many pages of people who are logged in may follow live at once.",
        ),
    ] = 60
