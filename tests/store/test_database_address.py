"""The database's address may hold a password: no message and no page shows it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from common.errors import SettingsError
from common.settings_file import parse_settings
from store import StoreError, create_or_upgrade, init_site, open_site, open_store
from web.app import create_app

UNREACHABLE = "postgresql+psycopg://shop:S3cret@127.0.0.1:1/shop"


@pytest.mark.parametrize(
    "url",
    [
        UNREACHABLE,
        "postgresql+psycopg://127.0.0.1:1/shop?user=shop&password=S3cret",
        "postgres ql://shop:S3cret@db/shop",
        "nosuchdatabase://shop:S3cret@db/shop",
        "shop:S3cret@db",
        "postgresql+psycopg://shop:S3cret@db:port/shop",
    ],
)
@pytest.mark.parametrize("opened", [open_store, create_or_upgrade])
def test_no_message_shows_the_password(url: str, opened: object) -> None:
    with pytest.raises(StoreError) as raised:
        opened(url)  # type: ignore[operator]
    error: BaseException | None = raised.value
    while error is not None:
        assert "S3cret" not in str(error)
        error = error.__cause__


def test_what_is_wrong_with_a_secret_setting_is_said_without_it() -> None:
    for text in ('[web]\nwebhook = "ftp://S3cret"\n', "[database]\nurl = ['S3cret']\n"):
        with pytest.raises(SettingsError) as raised:
            parse_settings(text, "x.toml")
        assert "S3cret" not in str(raised.value)
        assert "web.webhook" in str(raised.value) or "database.url" in str(raised.value)


def test_the_environment_or_a_secret_names_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = init_site(tmp_path / "site")
    assert site.database_url.startswith("sqlite:///")
    secret = tmp_path / "secret"
    secret.write_text(f"{UNREACHABLE}\n")
    monkeypatch.setenv("FITTINGROOM_DATABASE_URL_FILE", str(secret))
    assert open_site(site.folder).database_url == UNREACHABLE
    monkeypatch.setenv("FITTINGROOM_DATABASE_URL", "sqlite:///other.db")
    assert open_site(site.folder).database_url == "sqlite:///other.db"
    monkeypatch.delenv("FITTINGROOM_DATABASE_URL")
    secret.unlink()
    with pytest.raises(SettingsError, match="FITTINGROOM_DATABASE_URL_FILE"):
        _ = open_site(site.folder).database_url


def test_a_page_says_nothing_of_the_database_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = init_site(tmp_path / "site").folder
    settings = folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("# open = false", "open = true"))
    site = open_site(folder)
    client = create_app(site).test_client()
    site.store.engine.dispose()

    @event.listens_for(site.store.engine, "connect")
    def _read_only(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    with caplog.at_level(logging.ERROR):
        answer = client.post("/api/looks", json={"skus": ["A", "B"], "title": "x"})
        page = client.get("/pair/1")
    assert answer.status_code == 503
    assert answer.get_json()["error"]["message"].startswith("The database cannot be written just")
    for text in (answer.get_data(as_text=True), page.get_data(as_text=True)):
        assert str(folder) not in text
        assert "sqlite" not in text
    assert str(folder) in caplog.text
    site.store.close()
