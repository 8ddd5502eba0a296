"""Take the tutorial's pictures from a real run of its commands.

`python -m tests.docs.pictures`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser_setup import find_chromium
from tests.docs.blocks import ROOT, Shell, run_page

OUT: Final = ROOT / "docs" / "pictures"
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-sync"]  # fmt: skip
PHONE: Final = {"width": 390, "height": 700}
LAPTOP: Final = {"width": 1280, "height": 800}
SCREEN: Final = {"width": 1080, "height": 1500}
#: The part of the curtain that the tutorial covers.
MASK: Final = ((0.84, 0.01), (0.99, 0.01), (0.99, 0.48), (0.84, 0.48))
WAIT_MS: Final = 180_000


def main() -> None:
    """Run the tutorial in a folder that is deleted afterwards, and take its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        try:
            run_page(ROOT / "docs" / "tutorial" / "first-garment.md", shell)
            save_articles(shell.folder / "shop" / "images")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
                take_pictures(browser, f"http://127.0.0.1:{shell.port}")
                browser.close()
        finally:
            shell.close()


def save_articles(images: Path) -> None:
    """Put four packshots of the drawn shop side by side."""
    names = ("M17-navy", "M13-black", "M06-red", "M11-mustard")
    shots = [Image.open(images / f"{name}.jpg").resize((240, 320)) for name in names]
    row = Image.new("RGB", (240 * len(names), 320))
    for place, shot in enumerate(shots):
        row.paste(shot, (240 * place, 0))
    row.save(OUT / "tutorial-articles.jpg", quality=88)


def take_pictures(browser: Browser, address: str) -> None:
    """Go through the tutorial's steps 6 to 9 in the browser."""
    technician = browser.new_context(viewport=PHONE).new_page()
    log_in(technician, address)
    technician.set_viewport_size(LAPTOP)
    confirm_masks(technician, address)
    screen = browser.new_context(viewport=SCREEN).new_page()
    pair(screen, technician, address)
    screen.locator("#items article").first.wait_for(timeout=WAIT_MS)
    screen.locator("#outfits button").first.wait_for(timeout=WAIT_MS)
    save(screen, "screen")
    ask(screen)
    technician.set_viewport_size(PHONE)
    technician.goto(f"{address}/staff")
    technician.get_by_text("Room 1").first.wait_for()
    save(technician, "staff")


def log_in(page: Page, address: str) -> None:
    """Log in as the tutorial's technician."""
    page.goto(f"{address}/calibrate")
    page.get_by_label("Name").fill("Tom")
    page.get_by_label("PIN or password").fill("4713062")
    save(page, "login")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Calibrate entrance").wait_for()


def confirm_masks(page: Page, address: str) -> None:
    """Draw a mask, confirm it, and look at the gate."""
    page.goto(f"{address}/calibrate/entrance")
    page.locator("#nothing").wait_for(state="hidden", timeout=WAIT_MS)
    box = page.locator("#picture").bounding_box()
    assert box is not None
    for x, y in MASK:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.get_by_role("button", name="Save and look").click()
    confirm = page.locator("#mask-yes:not([disabled])")
    confirm.wait_for(timeout=WAIT_MS)
    save(page, "masks")
    confirm.click()
    page.locator("#mask-confirm").wait_for(state="hidden", timeout=WAIT_MS)
    page.locator("#steps").get_by_text("Gate").click()
    page.locator("#panel").get_by_role("button", name="Save").first.wait_for()
    page.locator("#nothing").wait_for(state="hidden", timeout=WAIT_MS)
    save(page, "gate")


def pair(screen: Page, technician: Page, address: str) -> None:
    """Pair the screen of room 1."""
    screen.set_viewport_size(LAPTOP)
    screen.goto(f"{address}/screen/1")
    code = screen.locator(".code").inner_text()
    save(screen, "code")
    technician.set_viewport_size(PHONE)
    technician.goto(f"{address}/staff/screens")
    technician.get_by_label("Code on the screen").fill(code)
    save(technician, "pair")
    technician.get_by_role("button", name="Pair screen").click()
    screen.set_viewport_size(SCREEN)
    screen.locator("body.screen").wait_for(timeout=WAIT_MS)


def ask(screen: Page) -> None:
    """Ask for a garment in a size that is on hand."""
    screen.locator("#items article .sizes button:not([disabled])").first.click()
    screen.locator("#requests:not([hidden])").wait_for()


def save(page: Page, name: str) -> None:
    """Write a picture of the page."""
    page.wait_for_load_state("load")
    page.screenshot(path=str(OUT / f"tutorial-{name}.png"), animations="disabled")
    sys.stderr.write(f"tutorial-{name}.png\n")


if __name__ == "__main__":
    main()
