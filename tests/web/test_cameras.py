"""Cameras added, changed, renamed, disabled and removed: by the page, the API and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from calibration import CameraError, list_cameras, load_camera, parse_camera, save_camera
from calibration.address import Credentials
from calibration.credentials import load_credentials, refer_to_password, save_credentials
from calibration.drift import load_reference, make_reference, reference_path, save_reference
from calibration.entry import Entry
from calibration.files import camera_path
from calibration.versions import list_versions
from cli.camera import camera as command
from services.cameras import setup as cameras
from services.watching.watcher import source_of
from store import Site, journal
from store.schema import View
from tests.vision.stage import StageDetector
from tests.web.conftest import GATE
from tests.web.test_accessibility import check
from tests.web.test_calibrate import detector  # noqa: F401
from web.app import create_app
from web.server import Server

PASSWORD = "p@s:s/w#o%r d ß"
QUOTED = "p%40s:s%2Fw%23o%25r%20d%20ß"


@pytest.fixture
def client(shop: Site) -> Iterator[FlaskClient]:
    app = create_app(shop, clock=lambda: 1000.0)
    yield app.test_client()
    app.extensions["calibration"].stop()


def calibrated(site: Site, name: str = "door") -> None:
    """Give a camera an address, credentials, a confirmation, a version and a reference."""
    data = {"name": name, "source": "rtsp://cam-1/x", "gate": [GATE]}
    save_camera(site.folder, parse_camera(data, "test"))
    save_camera(
        site.folder, parse_camera(data, "test").confirm_masks("Anna", "2026-05-31", 1280, 720)
    )
    save_credentials(site.folder, name, Credentials("admin", "S3cret"))
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    save_reference(site.folder, name, make_reference(picture))


def told(site: Site) -> list[tuple[str, object]]:
    with site.store.read() as session:
        entries = journal.after(session, 0)
        return [(e.kind, e.payload["camera"]) for e in entries if e.kind.startswith("camera.")]


def add(client: FlaskClient, **data: object) -> tuple[int, str]:
    answer = client.post("/api/cameras", json={"name": "front", "source": "rtsp://cam-1/x"} | data)
    text = answer.get_data(as_text=True)
    return answer.status_code, text


def test_user_and_password_are_asked_for_apart_and_shown_nowhere(
    client: FlaskClient, shop: Site
) -> None:
    code, _ = add(client, user="admin", password=PASSWORD)
    assert code == 201
    front = load_camera(shop.folder, "front")
    assert front.source == "rtsp://cam-1/x"
    assert source_of(shop, front) == f"rtsp://admin:{QUOTED}@cam-1/x"
    assert load_credentials(shop.folder, "front", {}) == Credentials("admin", PASSWORD)
    state = client.get("/api/cameras/front").get_json()
    assert (state["source"], state["credentials"]) == ("rtsp://cam-1/x", True)
    for address in ("/api/cameras/front", "/calibrate", "/calibrate/front", "/api/staff"):
        text = client.get(address).get_data(as_text=True)
        assert "p@s" not in text
        assert "p%40s" not in text
        assert "admin" not in text


def test_an_address_with_a_password_is_split(client: FlaskClient, shop: Site) -> None:
    code, text = add(client, source="rtsp://admin:a%40b@cam-1/x?token=t0ken")
    assert (code, "admin" in text) == (201, False)
    assert load_camera(shop.folder, "front").source == "rtsp://cam-1/x?token=***"
    assert load_credentials(shop.folder, "front", {}) == Credentials("admin", "a@b", ("t0ken",))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"source": "192.168.1.20"}, "did you mean rtsp://192.168.1.20?"),
        ({"source": "rtsp://admin:S3cret@cam:99999/x"}, "a number from 1 to 65535"),
        ({"source": "ftp://admin:S3cret@cam/x"}, "ftp://"),
        ({"user": "a:b", "password": "S3cret"}, "':'"),
        ({"user": "a", "password": "S3cret" * 30}, "too long"),
        ({"source": "clip.mp4", "user": "a", "password": "S3cret"}, "belong to an address only"),
        ({"name": "Door"}, "camera 'door' exists already"),
        ({"name": "../x"}, "letters from a to z, digits"),
        ({"source": "http://c/v?user=***"}, "enter the whole address"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(
    client: FlaskClient, shop: Site, data: dict[str, object], said: str
) -> None:
    before = list_cameras(shop.folder)
    code, text = add(client, **data)
    assert code == 409
    assert said in json.loads(text)["error"]["message"]
    assert "S3cret" not in text
    assert list_cameras(shop.folder) == before
    assert not (shop.folder / "credentials.toml").exists()


def test_the_error_for_a_wrong_field_does_not_show_it(client: FlaskClient) -> None:
    for data in ({"password": ["S3cret"]}, {"password": "S3cret" * 99}, {"source": None}):
        code, text = add(client, **data)
        assert (code, "S3cret" in text) == (400, False)


def test_another_address_voids_confirmation_and_reference(client: FlaskClient, shop: Site) -> None:
    calibrated(shop)
    sent = {"source": "rtsp://cam-1/other"}
    answer = client.post("/api/cameras/door/address", json=sent)
    assert answer.get_json() == {"source": "rtsp://cam-1/other", "confirmed": False}
    assert load_reference(shop.folder, "door") is None
    assert load_camera(shop.folder, "door").gates
    assert load_credentials(shop.folder, "door", {}).password == "S3cret"


def test_another_password_voids_nothing(client: FlaskClient, shop: Site) -> None:
    calibrated(shop)
    before = camera_path(shop.folder, "door").stat().st_mtime_ns
    for sent in ({"user": "admin", "password": "new"}, {"password": "newer"}):
        answer = client.post("/api/cameras/door/address", json=sent)
        assert answer.get_json() == {"source": "rtsp://cam-1/x", "confirmed": True}
    assert load_credentials(shop.folder, "door", {}) == Credentials("admin", "newer")
    assert load_reference(shop.folder, "door") is not None
    # The server starts the watcher anew when the file's time is another one.
    assert camera_path(shop.folder, "door").stat().st_mtime_ns > before


def test_a_known_password_goes_to_no_other_host_unasked(shop: Site) -> None:
    calibrated(shop)
    with pytest.raises(CameraError, match="another host"):
        cameras.change_address(shop, "door", Entry("rtsp://elsewhere/x"))
    with pytest.raises(CameraError, match="password of 'viewer'"):
        cameras.change_address(shop, "door", Entry(user="viewer"))
    assert load_camera(shop.folder, "door").masks_confirmed
    cameras.change_address(shop, "door", Entry("rtsp://elsewhere/x", forget=True))
    assert load_credentials(shop.folder, "door", {}) == Credentials()
    calibrated(shop)
    cameras.change_address(shop, "door", Entry("rtsp://elsewhere/x", "viewer", "v"))
    assert load_credentials(shop.folder, "door", {}) == Credentials("viewer", "v")
    cameras.change_address(shop, "door", Entry("/dev/video0"))
    assert load_credentials(shop.folder, "door", {}) == Credentials()


def test_what_the_environment_says_is_changed_there(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrated(shop)
    monkeypatch.setenv("FITTINGROOM_CAMERA_DOOR_PASSWORD", "of-the-environment")
    assert "of-the-environment" in source_of(shop, load_camera(shop.folder, "door"))
    for change in (
        lambda: cameras.change_address(shop, "door", Entry(password="x")),
        lambda: cameras.rename_camera(shop, "door", "front", 1.0),
    ):
        with pytest.raises(CameraError, match="environment"):
            change()


def test_a_renamed_camera_keeps_everything(client: FlaskClient, shop: Site) -> None:
    calibrated(shop)
    versions = list_versions(camera_path(shop.folder, "door"))
    with shop.store.write() as session:
        session.add(View(colourway_id=1, model="m", data=b"", camera="door", time=0.0))
    assert client.post("/api/cameras/door/name", json={"name": "front"}).status_code == 200
    assert list_cameras(shop.folder) == ["back", "front"]
    front = load_camera(shop.folder, "front")
    assert front.masks_confirmed
    assert load_credentials(shop.folder, "front", {}) == Credentials("admin", "S3cret")
    assert load_credentials(shop.folder, "door", {}) == Credentials()
    assert load_reference(shop.folder, "front") is not None
    assert list_versions(camera_path(shop.folder, "front")) == versions
    assert cameras.restore_version(shop, "front", 1).name == "front"
    assert not list((shop.folder / "cameras").rglob("*door*"))
    with shop.store.read() as session:
        assert session.scalars(select(View.camera)).all() == ["front"]
    assert ("camera.renamed", "door") in told(shop)
    assert client.post("/api/cameras/front/name", json={"name": "BACK"}).status_code == 409
    assert client.post("/api/cameras/front/name", json={"name": "a b"}).status_code == 409


def test_a_name_can_change_its_capitals_alone(
    client: FlaskClient, shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrated(shop)
    monkeypatch.setenv("FITTINGROOM_CAMERA_DOOR_PASSWORD_FILE", "/run/secrets/door")
    assert client.post("/api/cameras/door/name", json={"name": "Door"}).status_code == 200
    assert list_cameras(shop.folder) == ["Door", "back"]
    assert load_camera(shop.folder, "Door").masks_confirmed
    assert load_reference(shop.folder, "Door") is not None
    assert list_versions(camera_path(shop.folder, "Door"))
    assert client.post("/api/cameras/Door/name", json={"name": "BACK"}).status_code == 409


def test_a_disabled_camera_is_not_opened(client: FlaskClient, shop: Site) -> None:
    calibrated(shop)
    assert client.post("/api/cameras/door/enabled", json={"enabled": False}).status_code == 200
    assert client.get("/api/cameras/door").get_json()["enabled"] is False
    answer = client.get("/api/cameras/door/live")
    assert answer.status_code == 409
    assert "disabled" in answer.get_json()["error"]["message"]
    with pytest.raises(CameraError, match="fittingroom camera enable door"):
        source_of(shop, load_camera(shop.folder, "door"))
    assert client.post("/api/cameras/door/enabled", json={"enabled": 1}).status_code == 400
    assert client.post("/api/cameras/door/enabled", json={"enabled": True}).status_code == 200
    assert load_camera(shop.folder, "door").masks_confirmed
    assert source_of(shop, load_camera(shop.folder, "door"))


@pytest.mark.parametrize("change", ["disable", "remove"])
def test_a_camera_being_calibrated_is_let_go_when_a_command_changes_it(
    detector: StageDetector,  # noqa: F811
    client: FlaskClient,
    shop: Site,
    change: str,
) -> None:
    sessions = client.application.extensions["calibration"]
    assert client.get("/api/cameras/door/live").status_code == 200
    assert list(sessions._open) == ["door"]
    if change == "disable":
        cameras.enable_camera(shop, "door", False, 1.0)
    else:
        cameras.remove_camera(shop, "door", 1.0)
    with pytest.raises(CameraError):
        sessions.get("door")
    assert not sessions._open


def test_a_removed_camera_leaves_nothing(client: FlaskClient, shop: Site) -> None:
    calibrated(shop)
    refer = shop.folder.parent / "secret"
    refer.write_text("x")
    refer_to_password(shop.folder, "back", "b", str(refer))
    assert client.delete("/api/cameras/door").status_code == 200
    assert list_cameras(shop.folder) == ["back"]
    assert not list((shop.folder / "cameras").rglob("*door*"))
    assert not reference_path(shop.folder, "door").exists()
    kept = (shop.folder / "credentials.toml").read_text()
    assert "S3cret" not in kept
    assert "[back]" in kept
    assert ("camera.removed", "door") in told(shop)
    assert client.delete("/api/cameras/door").status_code == 404
    assert client.get("/calibrate/door").status_code == 404


def test_a_broken_camera_can_be_removed(client: FlaskClient, shop: Site) -> None:
    camera_path(shop.folder, "door").write_text("name = [")
    assert 'data-remove="door"' in client.get("/calibrate").get_data(as_text=True)
    assert client.delete("/api/cameras/door").status_code == 200


def test_a_version_brings_neither_its_address_nor_its_switch_back(shop: Site) -> None:
    calibrated(shop)
    cameras.change_address(shop, "door", Entry("rtsp://cam-1/other"))
    cameras.enable_camera(shop, "door", False, 1.0)
    newest = list_versions(camera_path(shop.folder, "door"))[1].number
    then = cameras.restore_version(shop, "door", newest)
    assert (then.source, then.enabled, then.confirmed) == ("rtsp://cam-1/other", False, None)


def run(site: Site, *arguments: str, typed: str = "") -> str:
    line = [*arguments, "--site", str(site.folder)]
    result = CliRunner().invoke(command, line, input=typed, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_does_the_same(shop: Site, tmp_path: Path) -> None:
    gate = json.dumps({key: GATE[key] for key in ("from", "to", "in")})
    base = ("--source", "rtsp://cam-1/x", "--gate", gate, "--room", "1")
    output = run(shop, "add", "front", *base, "--user", "admin", typed=f"{PASSWORD}\n")
    assert "p@s" not in output
    assert load_credentials(shop.folder, "front", {}) == Credentials("admin", PASSWORD)
    assert '"credentials": true' in run(shop, "list")
    run(shop, "address", "front", "--password-file", "-", "--user", "admin", typed="piped\n")
    assert load_credentials(shop.folder, "front", {}).password == "piped"
    secret = tmp_path / "secret"
    secret.write_text("S3cret\n")
    run(shop, "address", "front", "--user", "admin", "--password-file", str(secret))
    assert "S3cret" not in (shop.folder / "credentials.toml").read_text()
    assert source_of(shop, load_camera(shop.folder, "front")) == "rtsp://admin:S3cret@cam-1/x"
    moved = run(shop, "address", "front", "--source", "rtsp://u:S3cret@cam-2/x")
    assert "may have seen it" in moved
    assert "S3cret" not in moved
    run(shop, "rename", "front", "gate-1")
    run(shop, "disable", "gate-1")
    assert not load_camera(shop.folder, "gate-1").enabled
    run(shop, "enable", "gate-1")
    assert "disable gate-1" in run(shop, "remove", "gate-1", typed="y\n")
    assert "gate-1" not in list_cameras(shop.folder)
    assert "S3cret" not in run(shop, "list")


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{server.address}/calibrate")
    yield opened
    opened.close()
    assert not faults


@pytest.mark.browser
def test_a_camera_is_changed_and_removed_on_the_page(page: Page, shop: Site) -> None:
    save_camera(shop.folder, load_camera(shop.folder, "door").confirm_masks("A", "2026", 1280, 720))
    page.get_by_role("button", name="Edit door").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Where its picture").fill("192.168.1.20")
    dialog.get_by_role("button", name="Save address").click()
    expect(dialog.get_by_role("alert")).to_contain_text("did you mean rtsp://192.168.1.20?")
    dialog.get_by_label("Name").fill("entrance")
    dialog.get_by_role("button", name="Rename").click()
    page.get_by_role("button", name="Edit entrance").click()
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("disabled", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Calibrate entrance")).to_be_hidden()
    page.get_by_role("button", name="Edit entrance").click()
    dialog.get_by_label("Where its picture").fill("rtsp://127.0.0.1:1/x")
    dialog.get_by_label("User", exact=True).fill("admin")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Save address").click()
    expect(page.get_by_text("user and password known")).to_be_visible()
    assert "p@s" not in page.content()
    page.get_by_role("button", name="Edit entrance").click()
    expect(dialog.get_by_label("User", exact=True)).to_have_value("")
    expect(dialog.get_by_label("Password", exact=True)).to_have_value("")
    assert not load_camera(shop.folder, "entrance").masks_confirmed
    dialog.get_by_role("button", name="Remove …").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Edit entrance").click()
    dialog.get_by_role("button", name="Remove …").click()
    expect(page.get_by_role("heading", name="Remove entrance?")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("button", name="Edit entrance")).to_have_count(0)
    assert list_cameras(shop.folder) == ["back"]


@pytest.mark.browser
def test_the_dialogs_fit_a_phone_and_pass_axe(page: Page) -> None:
    page.get_by_role("button", name="Edit door").click()
    check(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.get_by_role("button", name="Remove …").click()
    check(page)


def test_badges_are_printed_from_the_page(client: FlaskClient, shop: Site) -> None:
    state = client.get("/api/cameras/door").json
    assert state is not None
    assert (state["badge_cm"], state["badge_measured"]) == (8, False)
    page = client.get("/calibrate/badges-letter.pdf?size=14")
    assert (page.status_code, page.mimetype) == (200, "application/pdf")
    assert client.get("/calibrate/badges-letter.pdf?size=15").status_code == 400
    assert client.get("/calibrate/badges-b5.pdf").status_code == 404
    assert client.get("/calibrate/board-b5.pdf").status_code == 404
