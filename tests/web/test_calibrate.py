"""A camera calibrated by the page, against a camera whose truth is known."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from calibration import load_camera
from store import Site
from store.catalogue import load_gallery
from tests.calibration.simulated import SimulatedCamera, lens_views
from tests.calibration.test_colour import cast, chart
from tests.calibration.test_drift import room
from tests.vision.stage import StageDetector, StageSource
from tests.waiting import wait_for
from tests.web.test_accessibility import OPTIONS
from web.app import create_app
from web.server import Server

PAPER_FLOOR = [(-1.0, -0.5), (1.0, -0.5), (1.0, 1.5), (-1.0, 1.5)]


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> StageDetector:
    """A camera that shows and sees what the test sets."""
    made = StageDetector()
    monkeypatch.setattr("services.cameras.session.LiveSource", StageSource)
    monkeypatch.setattr("services.cameras.sessions.load_site_detector", lambda *_: made)
    StageSource.show(room(width=1280, height=720))
    return made


@pytest.fixture
def page(browser: Browser, detector: StageDetector, server: Server) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{server.address}/calibrate/door")
    expect(opened.locator("#nothing")).to_be_hidden()
    yield opened
    opened.close()
    assert not faults


def step(page: Page, name: str) -> None:
    page.get_by_label("Steps").get_by_role("button", name=name).click()


def tap(page: Page, x: float, y: float) -> None:
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


@pytest.mark.browser
def test_masks_are_drawn_shown_and_confirmed(
    page: Page, shop: Site, detector: StageDetector
) -> None:
    for x, y in ((0.02, 0.05), (0.3, 0.05), (0.3, 0.9), (0.02, 0.9)):
        tap(page, x, y)
    page.get_by_role("button", name="Save and look").click()
    expect(page.get_by_text("1 mask; they are not confirmed")).to_be_visible()
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Yes, all is covered").click()
    expect(page.get_by_text("confirmed by Anna")).to_be_visible()
    door = load_camera(shop.folder, "door")
    assert door.masks_confirmed
    assert np.abs(np.array(door.masks[0].points[2]) - (0.3, 0.9)).max() < 0.01
    before = len(detector.shown)
    wait_for(lambda: len(detector.shown) > before + 4)
    assert all(image[200:500, 60:340].max() == 0 for image in detector.shown[before + 1 :])
    # Another corner, by keyboard: what was confirmed is not any more.
    page.get_by_label("Mask 1, corner 3").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Save and look").click()
    expect(page.get_by_text("1 mask; they are not confirmed")).to_be_visible()
    assert not load_camera(shop.folder, "door").masks_confirmed


@pytest.mark.browser
def test_a_mask_that_crosses_itself_is_refused(page: Page, shop: Site) -> None:
    for x, y in ((0.1, 0.1), (0.5, 0.8), (0.5, 0.1), (0.1, 0.8)):
        tap(page, x, y)
    page.get_by_role("button", name="Save and look").click()
    expect(page.get_by_role("alert")).to_contain_text("crosses itself")
    assert load_camera(shop.folder, "door").masks == ()


@pytest.mark.browser
def test_the_picture_and_the_gate(page: Page, shop: Site, detector: StageDetector) -> None:
    step(page, "Picture")
    expect(page.locator("#picture-said")).to_contain_text("No person is seen")
    detector.boxes = [(500, 150, 650, 550, 0)]
    expect(page.locator("#picture-said")).to_contain_text("All is well")
    page.get_by_role("button", name="Keep this picture’s values").click()
    expect(page.get_by_text("1280×720, ")).to_have_count(2)
    step(page, "Gate")
    page.get_by_label("Inside is").select_option("left")
    page.get_by_label("Rooms behind it").fill("3, 4")
    end = page.get_by_label("gate, from")
    end.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Save gates").click()
    expect(page.get_by_text("1 gate to 3, 4.")).to_be_visible()
    [gate] = load_camera(shop.folder, "door").gates
    assert (gate.inside, gate.rooms) == ("left", ("3", "4"))
    assert gate.start[0] == pytest.approx(0.8 - 5 * 0.005)
    # Dragged to the picture's edge, nobody can stand behind it.
    for label in ("gate, from", "gate, to"):
        box = page.get_by_label(label).bounding_box()
        assert box is not None
        # Of a handle at the picture's lower edge, the upper half is there to be touched.
        page.mouse.move(box["x"] + 22, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(5, box["y"] + 22, steps=4)
        page.mouse.up()
    page.get_by_role("button", name="Save gates").click()
    expect(page.get_by_role("alert")).to_contain_text("cut off by the left edge")
    assert load_camera(shop.folder, "door").gates == (gate,)


@pytest.mark.browser
def test_lens_floor_and_colour_come_out_as_the_camera_is(
    page: Page, shop: Site, detector: StageDetector
) -> None:
    truth = SimulatedCamera()
    step(page, "Lens")
    for count, shown in enumerate(lens_views(truth, 12), 1):
        StageSource.show(shown)
        expect(page.locator("#lens-said")).to_contain_text(f"{count} of 8 views")
    page.get_by_role("button", name="Work out the lens").click()
    expect(page.get_by_text("12 views, error")).to_be_visible()
    lens = load_camera(shop.folder, "door").lens
    assert lens is not None
    assert lens.focal[0] * truth.width == pytest.approx(truth.focal_px, rel=0.01)
    assert lens.focal[1] * truth.height == pytest.approx(truth.focal_px, rel=0.01)
    middle = np.array(lens.centre) * [truth.width, truth.height] - 0.5
    assert np.abs(middle - truth.centre_px).max() < 0.01 * truth.width / 2
    page.get_by_role("button", name="Show it straight").click()

    step(page, "Floor")
    for (x, y), (right, away) in zip(shown_at(truth), PAPER_FLOOR, strict=True):
        tap(page, x, y)
        number = page.locator(".pair").count()
        page.get_by_label(f"Point {number}, metres right").fill(str(right))
        page.get_by_label(f"Point {number}, metres away").fill(str(away).replace(".", ","))
    page.get_by_role("button", name="Work out the floor").click()
    expect(page.get_by_text("4 points, error")).to_be_visible()
    floor = load_camera(shop.folder, "door").floor
    assert floor is not None
    gate_area = np.array([[x, y, 0] for x in (-1, 0, 1) for y in (-0.5, 0.5, 1.5)], float)
    found = floor.to_metres(truth.project(gate_area), lens)
    assert np.linalg.norm(found - gate_area[:, :2], axis=1).max() < 0.03
    expect(page.locator("#lines .grid").first).to_be_attached()

    step(page, "Colour")
    StageSource.show(cast(chart()))
    before = len(detector.shown)
    wait_for(lambda: len(detector.shown) > before + 2)
    page.get_by_role("button", name="Use the chart").click()
    expect(page.get_by_text("By chart: ΔE")).to_be_visible()
    colour = load_camera(shop.folder, "door").colour
    assert colour is not None
    assert colour.error_after < 3 < colour.error_before


def shown_at(truth: SimulatedCamera) -> np.ndarray:
    return truth.project(np.array([[x, y, 0.0] for x, y in PAPER_FLOOR]))


@pytest.mark.browser
def test_a_version_is_brought_back(page: Page, shop: Site) -> None:
    for x, y in ((0.1, 0.1), (0.5, 0.1), (0.5, 0.8)):
        tap(page, x, y)
    page.get_by_role("button", name="Save and look").click()
    expect(page.get_by_text("1 mask;")).to_be_visible()
    step(page, "Versions")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("Version 2")).to_be_visible()
    assert load_camera(shop.folder, "door").masks == ()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_the_controls_stand_beside_the_picture_on_a_wide_screen(
    page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    step(page, "Masks")
    picture = page.locator("#stage").bounding_box()
    assert picture is not None
    assert picture["width"] > width / 2
    assert picture["y"] + picture["height"] <= height
    for control in (page.get_by_label("Steps"), page.get_by_role("heading", name="Masks")):
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= picture["x"] + picture["width"]
        assert box["y"] + box["height"] <= height
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.browser
def test_a_page_that_is_closed_gives_its_camera_back(
    page: Page, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = server._calibration
    assert list(sessions._open) == ["door"]
    now = sessions._clock()
    monkeypatch.setattr(sessions, "_clock", lambda: now)  # so that no session is ever idle
    page.goto(f"{server.address}/login")
    wait_for(lambda: not sessions._open, 60)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 223])  # 390 points wide, and the same at 175% zoom
def test_every_step_fits_a_phone_and_passes_axe(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844 * width // 390})
    for name in ("Masks", "Picture", "Gate", "Lens", "Floor", "Colour", "Walk", "Garments", "Vers"):
        with page.expect_response(lambda answer: "/live?step=" in answer.url):
            step(page, name)
        page.evaluate("Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)))")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        if width == 390:
            found = Axe().run(page, options=OPTIONS)
            assert found.violations_count == 0, found.generate_report()


@pytest.mark.browser
def test_a_camera_is_added_on_the_page(browser: Browser, server: Server, shop: Site) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.address}/calibrate")
    assert Axe().run(page, options=OPTIONS).violations_count == 0
    page.get_by_label("Name").fill("front")
    page.get_by_label("Where its picture comes from").fill("nowhere.mp4")
    page.get_by_role("button", name="Add and calibrate").click()
    expect(page.locator("#nothing")).to_contain_text("no such file")
    assert load_camera(shop.folder, "front").source == "nowhere.mp4"
    page.close()


@pytest.fixture
def client(detector: StageDetector, shop: Site) -> Iterator[FlaskClient]:
    app = create_app(shop)
    yield app.test_client()
    app.extensions["calibration"].stop()


def test_a_garment_held_up_becomes_a_view_of_its_article(
    client: FlaskClient, detector: StageDetector, shop: Site
) -> None:
    detector.boxes = [(500, 200, 620, 400, 1)]
    wait_for(lambda: not client.get("/api/cameras/door/live").get_json()["problem"])
    answer = client.post("/api/cameras/door/enrolment", json={})
    assert answer.status_code == 200, answer.get_json()
    assert len(answer.get_json()["now"]) == 4
    assert client.post("/api/cameras/door/enrolment", json={"sku": "K1"}).status_code == 200
    assert client.post("/api/cameras/door/enrolment", json={"sku": "none"}).status_code == 404
    again = client.post("/api/cameras/door/enrolment", json={}).get_json()["now"]
    assert again[0]["sku"] == "K1"
    assert again[0]["score"] > 0.95
    with shop.store.read() as session:
        embedder = client.application.extensions["calibration"].matcher().embedder
        gallery = load_gallery(session, embedder.model, embedder.local_shape)
        assert gallery.skus.count("K1") == 2


def test_a_broken_file_is_told_not_crashed_on(client: FlaskClient, shop: Site) -> None:
    path = shop.folder / "cameras" / "door.toml"
    path.write_text(path.read_text().replace("[0.8, 0.3]", "[0.8, 1.3]").replace("0.3,", "1.3,"))
    answer = client.get("/api/cameras/door")
    assert answer.status_code == 409
    assert "outside the picture" in answer.get_json()["error"]["message"]
    listed = client.get("/calibrate")
    assert listed.status_code == 200
    assert "outside the picture" in listed.get_data(as_text=True)
    assert client.get("/calibrate/nowhere").status_code == 404


def test_only_technicians_calibrate(shop: Site) -> None:
    from store import access, open_site

    settings = shop.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("open = true", "open = false"))
    closed = open_site(shop.folder)
    with closed.store.write() as session:
        for name, role in (("Anna", "staff"), ("Tom", "technician")):
            access.add_account(session, name, role, "a long secret", time.time())
    app = create_app(closed)
    for name, code in (("Anna", 403), ("Tom", 200)):
        browser_of = app.test_client()
        browser_of.post("/api/login", json={"name": name, "secret": "a long secret"})
        assert browser_of.get("/calibrate").status_code == code
        assert browser_of.get("/api/cameras/door").status_code == code
        left = browser_of.post("/api/cameras/door/left", json={"page": "tablet"})
        assert left.status_code == code
        linked = 'href="/calibrate"' in browser_of.get("/staff").get_data(as_text=True)
        assert linked == (code == 200)
    assert app.test_client().get("/calibrate/door/preview.jpg").status_code == 302
    closed.store.close()
