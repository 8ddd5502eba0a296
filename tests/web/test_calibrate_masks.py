"""Masks are confirmed by somebody who saw them on a real picture, and in no other way."""

# ruff: noqa: F811 - fixtures are imported, and named as arguments

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from calibration import CameraError, load_camera, parse_camera, save_camera
from services.cameras.picture_tokens import LIFE_S, PictureTokens
from store import Site
from tests.calibration.test_drift import room
from tests.vision.stage import StageDetector, StageSource
from tests.waiting import wait_for
from tests.web.test_calibrate import detector, page, step, tap  # noqa: F401
from vision.masked_picture import MaskedPicture
from web.app import create_app

MASK = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.8]]
OTHER = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.8]]
BOX = ((0.02, 0.05), (0.3, 0.05), (0.3, 0.9), (0.02, 0.9))
CONFIRM = "/api/cameras/door/confirmation"


# The tokens.


def shown(camera: object, **other: object) -> MaskedPicture:
    facts = {"jpeg": b"", "width": 1280, "height": 720, "source": "none.mp4", "problem": "",
             "masks": camera.masks_fingerprint} | other  # type: ignore[attr-defined]  # fmt: skip
    return MaskedPicture(**facts)  # type: ignore[arg-type]


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def tokens(now: list[float]) -> PictureTokens:
    return PictureTokens(lambda: now[0])


DOOR = parse_camera({"name": "door", "source": "none.mp4", "mask": [{"points": MASK}]}, "test")


def test_a_picture_confirms_once_and_tells_its_shape(tokens: PictureTokens) -> None:
    token = tokens.note("door", "Anna", shown(DOOR, width=640, height=480))
    assert tokens.redeem(DOOR, "Anna", token) == (640, 480)
    with pytest.raises(CameraError, match="none was shown here"):
        tokens.redeem(DOOR, "Anna", token)


def test_only_the_viewer_who_saw_this_camera_confirms(tokens: PictureTokens) -> None:
    token = tokens.note("door", "Anna", shown(DOOR))
    for camera, viewer, code in (
        (DOOR, "Tom", token),
        (DOOR.model_copy(update={"name": "back"}), "Anna", token),
        (DOOR, "Anna", "made up"),
        (DOOR, "", token),
    ):
        with pytest.raises(CameraError, match="none was shown here"):
            tokens.redeem(camera, viewer, code)
    assert tokens.redeem(DOOR, "Anna", token)


def test_a_picture_counts_for_ten_minutes(tokens: PictureTokens, now: list[float]) -> None:
    early, late = (tokens.note("door", "Anna", shown(DOOR)) for _ in range(2))
    now[0] = LIFE_S - 1
    assert tokens.redeem(DOOR, "Anna", early)
    now[0] = LIFE_S + 1
    with pytest.raises(CameraError, match="ten minutes"):
        tokens.redeem(DOOR, "Anna", late)


@pytest.mark.parametrize("other", [{"masks": "others"}, {"source": "1"}])
def test_other_masks_or_another_address_void_it(
    tokens: PictureTokens, other: dict[str, object]
) -> None:
    token = tokens.note("door", "Anna", shown(DOOR, **other))
    with pytest.raises(CameraError, match="have changed since"):
        tokens.redeem(DOOR, "Anna", token)


def test_a_picture_on_which_nothing_can_be_judged_has_no_token(tokens: PictureTokens) -> None:
    assert tokens.note("door", "Anna", shown(DOOR, problem="The picture is black.")) == ""
    with pytest.raises(CameraError):
        tokens.redeem(DOOR, "Anna", "")


def test_what_is_remembered_is_bounded(tokens: PictureTokens) -> None:
    issued = [tokens.note("door", "Anna", shown(DOOR)) for _ in range(400)]
    with pytest.raises(CameraError):
        tokens.redeem(DOOR, "Anna", issued[0])
    assert tokens.redeem(DOOR, "Anna", issued[-1])


# The API.


@pytest.fixture
def client(detector: StageDetector, shop: Site) -> Iterator[FlaskClient]:
    app = create_app(shop)
    yield app.test_client()
    app.extensions["calibration"].stop()


def look(client: FlaskClient) -> str:
    """Ask for previews until there is one; returns its token."""
    tokens: list[str] = []

    def asked() -> str:
        answer = client.get("/calibrate/door/preview.jpg")
        tokens.append(answer.headers.get("X-Masked-Picture", ""))
        return tokens[-1]

    wait_for(asked)
    return tokens[-1]


def test_a_confirmation_needs_the_picture_that_this_browser_saw(
    client: FlaskClient, shop: Site
) -> None:
    assert client.post(CONFIRM, json={"by": "Anna"}).status_code == 400
    assert client.post(CONFIRM, json={"by": "Anna", "shown": "made up"}).status_code == 409
    token = look(client)
    stranger = client.application.test_client()
    assert stranger.post(CONFIRM, json={"by": "Eve", "shown": token}).status_code == 409
    # Drawn by a colleague, or by a command, after this picture was shown.
    client.post("/api/cameras/door/masks", json={"masks": [MASK]})
    answer = client.post(CONFIRM, json={"by": "Anna", "shown": token})
    assert answer.status_code == 409
    assert "have changed" in answer.get_json()["error"]["message"]
    assert not load_camera(shop.folder, "door").masks_confirmed
    assert client.post(CONFIRM, json={"by": "Anna", "shown": look(client)}).status_code == 200
    said = load_camera(shop.folder, "door").confirmed
    assert said is not None
    assert (said.by, said.width, said.height) == ("Anna", 1280, 720)
    (event,) = client.get("/api/access").get_json()["events"]
    assert (event["event"], event["account"]) == ("masks of door confirmed", "Anna")


def test_masks_that_a_command_drew_are_in_the_next_picture(
    client: FlaskClient,
    shop: Site,
    detector: StageDetector,
) -> None:
    look(client)
    door = load_camera(shop.folder, "door")
    drawn = parse_camera(
        door.model_dump(mode="json", by_alias=True, exclude_none=True)
        | {"mask": [{"points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}]}, "test"
    )  # fmt: skip
    save_camera(shop.folder, drawn)
    assert client.post(CONFIRM, json={"by": "Anna", "shown": look(client)}).status_code == 200
    assert load_camera(shop.folder, "door").masks == drawn.masks
    assert detector.shown[-1][:, :600].max() == 0


@pytest.mark.parametrize("kind", ["black", "stopped"])
def test_a_camera_that_shows_nothing_cannot_be_confirmed(
    client: FlaskClient, shop: Site, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    token = look(client)
    if kind == "black":
        StageSource.show(np.zeros((720, 1280, 3), np.uint8))
        preview = "/calibrate/door/preview.jpg"
        wait_for(lambda: "X-Masked-Picture" not in client.get(preview).headers)
    else:
        monkeypatch.setattr(StageSource, "fresh", False)
        assert client.get("/calibrate/door/preview.jpg").status_code == 409
    # What was seen while the camera was well may be confirmed still, once.
    assert client.post(CONFIRM, json={"by": "Anna", "shown": token}).status_code == 200
    assert client.post(CONFIRM, json={"by": "Anna", "shown": token}).status_code == 409


def test_a_version_brought_back_has_to_be_confirmed_again(client: FlaskClient, shop: Site) -> None:
    client.post("/api/cameras/door/masks", json={"masks": [MASK]})
    client.post(CONFIRM, json={"by": "Anna", "shown": look(client)})
    client.post("/api/cameras/door/masks", json={"masks": [OTHER]})
    numbers = [one["number"] for one in client.get("/api/cameras/door").get_json()["versions"]]
    assert (
        client.post("/api/cameras/door/versions", json={"number": max(numbers)}).status_code == 200
    )
    back = load_camera(shop.folder, "door")
    assert back.masks[0].points == tuple(map(tuple, MASK))
    assert not back.masks_confirmed


# The page.


@pytest.mark.browser
def test_unsaved_corners_block_the_confirmation_and_survive(page: Page, shop: Site) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    yes = page.get_by_role("button", name="Yes, all is covered")
    expect(yes).to_be_enabled()
    for x, y in BOX:
        tap(page, x, y)
    expect(yes).to_be_disabled()
    expect(page.get_by_text("Not saved yet: 4 corners")).to_be_visible()
    step(page, "Gate")
    step(page, "Masks")
    expect(page.get_by_label("Mask 1, corner 4")).to_be_attached()
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Mask 1, corner 4")).to_be_attached()
    expect(page.locator("#nothing")).to_be_hidden()
    expect(yes).to_be_disabled()
    assert load_camera(shop.folder, "door").masks == ()
    page.get_by_role("button", name="Save and look").click()
    expect(page.get_by_text("1 mask; they are not confirmed")).to_be_visible()
    yes.click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your name")
    page.get_by_label("Your name").fill("Anna")
    yes.click()
    expect(page.get_by_text("confirmed by Anna")).to_be_visible()
    # Another corner: what is confirmed is not what is drawn.
    tap(page, 0.6, 0.6)
    expect(yes).to_be_disabled()
    page.get_by_role("button", name="Discard changes").click()
    expect(page.get_by_label("Mask 1, corner 5")).to_have_count(0)
    assert load_camera(shop.folder, "door").masks_confirmed


@pytest.mark.browser
def test_unsaved_gate_lines_and_floor_points_survive(page: Page, shop: Site) -> None:
    step(page, "Gate")
    page.get_by_label("Rooms behind it").fill("7, 8")
    step(page, "Floor")
    tap(page, 0.4, 0.5)
    page.get_by_label("Point 1, metres right").fill("1,5")
    step(page, "Gate")
    expect(page.get_by_label("Rooms behind it")).to_have_value("7, 8")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Rooms behind it")).to_have_value("7, 8")
    step(page, "Floor")
    expect(page.get_by_label("Point 1, metres right")).to_have_value("1,5")
    assert load_camera(shop.folder, "door").gates[0].rooms == ("1",)


@pytest.mark.browser
def test_a_dead_camera_cannot_be_confirmed_nor_drawn_on(
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    yes = page.get_by_role("button", name="Yes, all is covered")
    expect(yes).to_be_enabled()
    monkeypatch.setattr(StageSource, "fresh", False)
    expect(page.locator("#nothing")).to_be_visible()
    expect(yes).to_be_disabled()
    tap(page, 0.5, 0.5)
    expect(page.locator(".handle")).to_have_count(0)
    monkeypatch.setattr(StageSource, "fresh", True)
    expect(page.locator("#nothing")).to_be_hidden()
    expect(yes).to_be_enabled()
    StageSource.show(np.zeros((720, 1280, 3), np.uint8))
    expect(page.get_by_text("too dark to see what the masks cover")).to_be_visible()
    expect(yes).to_be_disabled()


@pytest.mark.browser
def test_another_shape_blacks_the_picture_and_coming_back_shows_it(
    page: Page,
    shop: Site,
) -> None:
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Yes, all is covered").click()
    expect(page.get_by_text("confirmed by Anna")).to_be_visible()
    StageSource.show(room(width=640, height=480))
    expect(page.locator("#nothing")).to_contain_text("640×480 (4:3)")
    again = page.get_by_role("button", name="Start again for this shape")
    expect(again).to_be_visible()
    StageSource.show(room(width=1280, height=720))
    expect(page.locator("#nothing")).to_be_hidden()
    expect(again).to_be_hidden()
    StageSource.show(room(width=640, height=480))
    again.click()
    expect(page.locator("#nothing")).to_be_hidden()
    door = load_camera(shop.folder, "door")
    assert (door.gates, door.masks_confirmed) == ((), False)
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Yes, all is covered").click()
    expect(page.get_by_text("for pictures of 640×480 (4:3)")).to_be_visible()


@pytest.mark.browser
def test_back_goes_one_step_back_and_next_one_on(page: Page) -> None:
    heading = page.get_by_role("heading", level=2)
    page.get_by_role("button", name="Next: Picture").click()
    expect(heading).to_have_text("Pictureoptional")
    page.get_by_role("button", name="Next: Gate").click()
    expect(heading).to_have_text("Gate")
    page.go_back()
    expect(heading).to_have_text("Pictureoptional")
    page.go_back()
    expect(heading).to_have_text("Masks")
    page.go_forward()
    expect(heading).to_have_text("Pictureoptional")
    page.reload()
    expect(heading).to_have_text("Pictureoptional")
    steps = page.get_by_label("Steps")
    expect(steps.get_by_role("button", name="optional")).to_have_count(7)


@pytest.mark.browser
def test_a_slow_picture_is_blamed_on_what_was_measured(
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The network here: each request waits on its way. The computer below: it takes its time."""
    slow = page.locator("#slow")
    expect(slow).to_be_hidden()
    page.evaluate("""() => {
      const plain = window.fetch;
      window.fetch = async (...asked) => {
        const pause = String(asked[0]).includes("preview") ? 1100 : 0;
        await new Promise((done) => setTimeout(done, pause));
        return plain(...asked);
      };
      window.unslow = () => { window.fetch = plain; };
    }""")
    expect(slow).to_contain_text("the network between this device and it is slow")
    page.evaluate("window.unslow()")
    expect(slow).to_be_hidden()
    from services.cameras.session import Session

    quick = Session.preview

    def preview(session: Session, *how: bool) -> MaskedPicture:
        time.sleep(1.2)
        return quick(session, *how)

    monkeypatch.setattr(Session, "preview", preview)
    expect(slow).to_contain_text("it is too busy")


@pytest.mark.browser
def test_a_picture_that_does_not_load_is_covered_not_broken(page: Page) -> None:
    page.route("**/preview.jpg*", lambda route: route.abort())
    expect(page.locator("#nothing")).to_contain_text("does not load")
    expect(page.get_by_role("button", name="Yes, all is covered")).to_be_disabled()
    page.unroute("**/preview.jpg*")
    expect(page.locator("#nothing")).to_be_hidden()


@pytest.mark.browser
def test_a_mask_over_the_gate_is_warned_of(page: Page) -> None:
    for x, y in ((0.6, 0.1), (0.98, 0.1), (0.98, 0.98), (0.6, 0.98)):
        tap(page, x, y)
    page.get_by_role("button", name="Save and look").click()
    warning = page.get_by_text("where people cross the gate 'gate'")
    expect(warning).to_be_visible()
    step(page, "Gate")
    expect(warning).to_be_visible()
