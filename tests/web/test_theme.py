"""A shop's own look: its colour, logo and typeface on every page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.errors import SettingsError
from common.settings_file import parse_settings
from store import Site
from web.app import create_app


def dressed(site: Site, **screen: str) -> Site:
    lines = "\n".join(f'{key} = "{value}"' for key, value in screen.items())
    settings = parse_settings(f"[web]\nopen = true\n[screen]\n{lines}\n", "fittingroom.toml")
    return replace(site, settings=settings)


def test_pages_wear_the_shops_colour_logo_and_typeface(shop: Site) -> None:
    (shop.folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (shop.folder / "brand.woff2").write_bytes(b"wOF2")
    worn = dressed(shop, colour="#7a1f3d", logo="logo.svg", typeface="brand.woff2")
    client = create_app(worn).test_client()
    for path in ("/screen/1", "/entrance"):
        page = client.get(path).get_data(as_text=True)
        assert "/theme.css" in page
        assert '<img class="logo" src="/theme/logo" alt="Fitting room">' in page
    style = client.get("/theme.css")
    assert style.mimetype == "text/css"
    assert "--accent: #7a1f3d" in style.get_data(as_text=True)
    assert 'url("/theme/typeface")' in style.get_data(as_text=True)
    with client.get("/theme/logo") as logo, client.get("/theme/typeface") as typeface:
        assert (logo.status_code, logo.mimetype) == (200, "image/svg+xml")
        assert typeface.data == b"wOF2"


def test_without_settings_pages_are_as_they_are(shop: Site) -> None:
    client = create_app(dressed(shop)).test_client()
    assert "theme" not in client.get("/screen/1").get_data(as_text=True)
    assert client.get("/theme/logo").status_code == 404
    assert client.get("/theme.css").data == b""


def test_a_file_that_is_not_there_is_named(shop: Site) -> None:
    with pytest.raises(SettingsError, match="screen.logo: there is no file brand.png in /"):
        create_app(dressed(shop, logo="brand.png"))


@pytest.mark.parametrize(
    "screen",
    [
        {"logo": "../secret.png"},
        {"logo": "fittingroom.db"},
        {"logo": "/etc/logo.png"},
        {"typeface": "brand.ttf"},
        {"colour": "green"},
        {"colour": "#ffe600"},
    ],
)
def test_what_cannot_be_worn_is_refused(shop: Site, screen: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="screen"):
        dressed(shop, **screen)
