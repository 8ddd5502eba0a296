from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from common.errors import SettingsError
from common.languages import LANGUAGES
from common.settings import Settings
from common.settings_file import parse_settings
from store import StoreError, init_site, open_site

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


def all_settings() -> dict[str, tuple[object, str]]:
    return {
        f"{section}.{key}": (field.default, field.description or "")
        for section, part in Settings.model_fields.items()
        for key, field in type(part.default).model_fields.items()
    }


def test_init_makes_a_site_that_opens_with_defaults(tmp_path: Path) -> None:
    site = init_site(tmp_path / "shop", 'The "Corner"')
    assert site.settings.shop.name == 'The "Corner"'
    assert (site.folder / "cameras").is_dir()
    assert (site.folder / "fittingroom.db").is_file()
    site.store.close()


def test_init_twice_keeps_the_settings(tmp_path: Path) -> None:
    init_site(tmp_path)
    (tmp_path / "fittingroom.toml").write_text("[web]\nport = 9000\n")
    assert init_site(tmp_path).settings.web.port == 9000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web]\nprot = 1", "unknown setting 'web.prot'; did you mean 'web.port'"),
        ("[wbe]\nport = 1", "did you mean 'web'"),
        ("[web]\nport = 0", "web.port"),
        ("[web]\nport = 'a'", "web.port"),
        ("[web", "not valid TOML"),
        ("[shop]\nlanguages = ['tlh']", "'tlh' is no language of the screens; known: en, de"),
    ],
)
def test_says_what_is_wrong_with_settings(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        parse_settings(text, "fittingroom.toml")


def test_a_folder_that_is_no_site_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="fittingroom init"):
        open_site(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(StoreError, match="cannot make a site"):
        init_site(tmp_path / "shop")


def test_a_file_in_the_way_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("")
    with pytest.raises(StoreError, match="cannot make a site"):
        init_site(tmp_path / "shop")


def test_the_settings_table_is_complete_and_true() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", DOCS.read_text(), re.MULTILINE))
    settings = all_settings()
    assert set(rows) == set(settings)
    for name, (default, description) in settings.items():
        # A further language is no change of this page, which lists them where it is built.
        shown = "all of them" if default == tuple(LANGUAGES) else f"`{json.dumps(default)}`"
        assert rows[name] == f"{shown} | {description}", name


def test_settings_stay_few() -> None:
    assert len(all_settings()) <= 45
