"""What `serve` prints: addresses that open on a tablet, each door, and what is to be done."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from calibration import load_camera, save_camera
from store import Site, access
from web.doors import addresses_of, describe_doors


def closed(shop: Site, **web: Any) -> Site:
    settings = shop.settings.web.model_copy(update={"open": False, **web})
    return replace(shop, settings=shop.settings.model_copy(update={"web": settings}))


def test_every_door_and_what_is_to_be_done(shop: Site) -> None:
    lines = [*describe_doors(closed(shop), "127.0.0.1", 8080)]
    for path in ("screen/1", "screen/2", "staff", "staff/looks", "staff/screens", "insights"):
        assert sum(line.endswith(f": http://127.0.0.1:8080/{path}") for line in lines) == 1, path
    text = "\n".join(lines)
    assert "account add NAME --role technician" in text
    assert "--host 0.0.0.0" in text
    for camera in ("door", "back"):
        assert f"Camera {camera} is not used until its masks are confirmed: " in text
        assert f"http://127.0.0.1:8080/calibrate/{camera}" in text


def test_nothing_is_said_of_what_is_done(shop: Site) -> None:
    for name in ("door", "back"):
        camera = load_camera(shop.folder, name)
        save_camera(shop.folder, camera.confirm_masks("Anna", "2026-01-01", 640, 360))
    with shop.store.write() as session:
        access.add_account(session, "Anna", "technician", "482915", 0)
    text = "\n".join(describe_doors(closed(shop, address="https://rooms.example.com/"), "::", 8080))
    assert "Staff: https://rooms.example.com/staff" in text
    assert "Camera" not in text.replace("Cameras:", "")
    assert "account add" not in text
    assert "--host" not in text


def test_addresses_can_be_opened_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(_name: str, _port: None, family: int, *_rest: Any) -> list[Any]:
        four = ["127.0.1.1", "192.168.7.20"]
        six = ["::1", "fe80::1", "fd00::20"]
        found = four if family == socket.AF_INET else six
        return [(family, 0, 0, "", (address, 0)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    monkeypatch.setattr(socket, "gethostname", lambda: "shop-pc")
    monkeypatch.setattr(socket.socket, "connect", lambda *_: (_ for _ in ()).throw(OSError))
    lan = ["http://192.168.7.20:80", "http://shop-pc:80"]
    assert addresses_of("0.0.0.0", 80) == lan
    assert addresses_of("::", 80) == [lan[0], "http://[fd00::20]:80", lan[1]]
    assert addresses_of("::1", 80) == ["http://[::1]:80"]
    assert addresses_of("192.168.7.9", 80) == ["http://192.168.7.9:80"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    assert addresses_of("0.0.0.0", 80) == ["http://127.0.0.1:80"]
