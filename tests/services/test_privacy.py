"""What the privacy record says, and the papers made of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from calibration import load_camera, parse_camera, save_camera
from cli.program import fittingroom
from services.privacy import LANGUAGES, read_record, write_papers
from store import Site, access, open_site
from tests.vision.test_film import write as write_film
from web.readers import list_readers

MASK = {"points": [[0.0, 0.0], [0.25, 0.0], [0.25, 1.0], [0.0, 1.0]]}
GATE = {"name": "gate", "from": [0.6, 0.2], "to": [0.6, 1.0], "in": "right", "rooms": ["1", "2"]}


@pytest.fixture
def site(site: Site) -> Site:
    settings = site.folder / "fittingroom.toml"
    text = settings.read_text().replace("# keep_days = 180", "keep_days = 30")
    text = text.replace('# controller = ""', 'controller = "Test shop, 1 Market Street"')
    settings.write_text(text.replace("open = true", "open = false"))
    data = {"source": "0", "gate": [GATE], "mask": [MASK]}
    door = parse_camera({"name": "door", **data}, "test")
    save_camera(site.folder, door.confirm_masks("Anna", "2026-05-31T10:00:00", 1280, 720))
    save_camera(site.folder, parse_camera({"name": "back", **data}, "test"))
    with site.store.write() as session:
        access.add_account(session, "Anna", "technician", "a long secret", 0.0)
    return open_site(site.folder)


def test_the_record_is_the_configuration(site: Site) -> None:
    record = read_record(site, 0.0, list_readers())
    back, door = record.cameras
    assert (door.masked, door.confirmed_by, door.rooms) == (
        pytest.approx(0.25, abs=0.01),
        "Anna",
        ("1", "2"),
    )
    assert back.confirmed_by is None
    assert record.keep_days == 30
    assert record.accounts == {"staff": 0, "technician": 1, "analyst": 0}
    assert not record.open_doors
    kept = {one.what: one for one in record.kept}
    assert kept["visits: room, times, garments, requests"].until == "30 days"
    assert kept["camera pictures"].readers == ()
    assert kept["visits: room, times, garments, requests"].readers == ("staff", "technician")
    assert kept["garments in a room, on its screen"].readers == (
        "staff", "technician", "the room's screen",
    )  # fmt: skip
    assert kept["figures of five visits and more"].readers == ("technician", "analyst")
    assert set(kept["logins and login attempts: time, account, address"].readers) == {"technician"}
    # A changed mask is not confirmed, and the record says so at once.
    path = site.folder / "cameras" / "door.toml"
    path.write_text(path.read_text().replace("0.25", "0.2"))
    assert not load_camera(site.folder, "door").masks_confirmed
    assert read_record(site, 0.0, list_readers()).cameras[1].confirmed_by is None


def test_a_film_stands_in_the_record(site: Site) -> None:
    write_film(site.recordings)
    [film] = read_record(site, 0.0, list_readers()).films
    assert "may film our walk test" in film["consent"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_papers_say_what_is_true(site: Site, tmp_path: Path, language: str) -> None:
    files = write_papers(read_record(site, 0.0, list_readers()), language, tmp_path / "papers")  # type: ignore[arg-type]
    texts = {path.name: path.read_text() for path in files}
    assert set(texts) == {
        f"{name}.{language}.html"
        for name in ("sign", "notice", "dpia", "purpose-door", "purpose-back")
    }
    for name, text in texts.items():
        assert f'lang="{language}"' in text
        assert "1 Market Street" in text, name
        assert "{{" not in text
    days = {"en": "30 days", "de": "30 Tage"}[language]
    assert days in texts[f"notice.{language}.html"]
    assert days in texts[f"dpia.{language}.html"]
    assert "RFID" in texts[f"dpia.{language}.html"]
    nobody = {"en": "by nobody", "de": "von niemandem"}[language]
    assert nobody in texts[f"purpose-back.{language}.html"]
    assert "Anna, 2026-05-31" in texts[f"purpose-door.{language}.html"]
    assert re.search(r"25\s?%", texts[f"purpose-door.{language}.html"])


def test_the_command(site: Site) -> None:
    shown = CliRunner().invoke(fittingroom, ["privacy", "show", "--site", str(site.folder)])
    assert "camera back" in shown.stdout
    assert "NOT USED" in shown.stdout
    command = ["privacy", "show", "--json", "--site", str(site.folder)]
    assert json.loads(CliRunner().invoke(fittingroom, command).stdout)["keep_days"] == 30
    command = ["privacy", "papers", "--language", "de", "--site", str(site.folder)]
    written = CliRunner().invoke(fittingroom, command).stdout.split()
    assert all(Path(path).is_file() for path in written)
    assert len(written) == 5
