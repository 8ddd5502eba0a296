from __future__ import annotations

import logging
import os
import stat
import threading
from pathlib import Path

import pytest

from calibration import CameraError, load_camera, parse_camera, save_camera
from calibration.address import Credentials
from calibration.cleaning import clean_cameras
from calibration.credentials import (
    FILE,
    load_credentials,
    refer_to_password,
    rename_credentials,
    save_credentials,
)
from calibration.files import camera_path, read_version
from calibration.versions import list_versions

ADDRESS = "rtsp://admin:S3c%40ret@cam-3/stream?token=S3cret"
KEPT = Credentials("admin", "S3c@ret", ("S3cret",))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def texts(site: Path, *without: str) -> str:
    found = [path for path in site.rglob("*") if path.is_file() and path.name not in without]
    return "\n".join(path.read_text() for path in found)


def old_file(site: Path, name: str = "door", source: str = ADDRESS) -> Path:
    """Write a camera's file as an older version did."""
    path = camera_path(site, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'name = "{name}"\nsource = "{source}"\n')
    return path


def test_what_is_saved_is_loaded_and_closed_to_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        save_credentials(tmp_path, "door", KEPT)
    finally:
        os.umask(before)
    save_credentials(tmp_path, "back", Credentials("b", "@:/#% ß\"'\\"))
    assert load_credentials(tmp_path, "door", {}) == KEPT
    assert load_credentials(tmp_path, "back", {}).password == "@:/#% ß\"'\\"
    assert load_credentials(tmp_path, "other", {}) == Credentials()
    assert mode_of(tmp_path / FILE) == 0o600
    rename_credentials(tmp_path, "door", "front")
    save_credentials(tmp_path, "back", Credentials())
    assert load_credentials(tmp_path, "front", {}) == KEPT
    assert "back" not in (tmp_path / FILE).read_text()


def test_a_file_open_to_others_is_closed_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_credentials(tmp_path, "door", KEPT)
    (tmp_path / FILE).chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert load_credentials(tmp_path, "door", {}) == KEPT
    assert mode_of(tmp_path / FILE) == 0o600
    assert "0644" in caplog.text
    assert "S3c" not in caplog.text


def test_what_a_killed_process_left_opens_nothing(tmp_path: Path) -> None:
    left = tmp_path / f".{FILE}.new"
    left.write_text("half")
    left.chmod(0o666)
    save_credentials(tmp_path, "door", KEPT)
    assert mode_of(tmp_path / FILE) == 0o600
    assert load_credentials(tmp_path, "door", {}) == KEPT


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_writes_belongs_to_the_owner_of_the_site(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 1234)
    save_credentials(tmp_path, "door", KEPT)
    files = [path for path in tmp_path.iterdir() if "credentials" in path.name]
    assert len(files) == 2
    assert {path.stat().st_uid for path in files} == {1234}


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    save_credentials(tmp_path, "door-1", Credentials("file", "file"))
    secret = tmp_path / "secret"
    secret.write_text(" with spaces \r\n")
    both = {
        "FITTINGROOM_CAMERA_DOOR_1_USER": "me",
        "FITTINGROOM_CAMERA_DOOR_1_PASSWORD_FILE": str(secret),
    }
    assert load_credentials(tmp_path, "door-1", both) == Credentials("me", " with spaces ")
    both["FITTINGROOM_CAMERA_DOOR_1_PASSWORD"] = "said"
    assert load_credentials(tmp_path, "door-1", both) == Credentials("me", "said")
    one = {"FITTINGROOM_CAMERA_DOOR_1_USER": "me"}
    assert load_credentials(tmp_path, "door-1", one) == Credentials("me", "file")


def test_a_secret_is_read_each_time(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    with pytest.raises(CameraError, match=str(secret)):
        refer_to_password(tmp_path, "door", "admin", str(secret))
    secret.write_text("one\n")
    refer_to_password(tmp_path, "door", "admin", str(secret))
    secret.write_text("two\n")
    assert load_credentials(tmp_path, "door", {}) == Credentials("admin", "two")
    assert "two" not in (tmp_path / FILE).read_text()
    secret.unlink()
    with pytest.raises(CameraError, match="cannot be read"):
        load_credentials(tmp_path, "door", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[door\nS3cret", "not valid TOML"),
        ('door = "S3cret"', "must be a section"),
        ('[door]\npasword = "S3cret"', "unknown key 'pasword'"),
        ("[door]\npassword = 53", "must be a text"),
    ],
)
def test_a_wrong_file_is_one_clear_error_without_what_it_holds(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(CameraError) as raised:
        load_credentials(tmp_path, "door", {})
    assert said in str(raised.value)
    assert "S3cret" not in str(raised.value)


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    names = [f"cam{number}" for number in range(12)]
    threads = [
        threading.Thread(target=save_credentials, args=(tmp_path, name, Credentials(name, "x")))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [load_credentials(tmp_path, name, {}).user for name in names] == names


def test_a_saved_camera_has_no_credentials_in_its_file(tmp_path: Path) -> None:
    save_camera(tmp_path, parse_camera({"name": "door", "source": ADDRESS}, "test"))
    assert load_camera(tmp_path, "door").source == "rtsp://cam-3/stream?token=***"
    assert load_credentials(tmp_path, "door", {}) == KEPT
    assert "S3c" not in texts(tmp_path, FILE)


def test_an_update_moves_credentials_out_of_files_and_versions(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    history = path.parent / "history" / "door"
    history.mkdir(parents=True)
    (history / "0001.toml").write_text('name = "door"\nsource = "rtsp://old:S3cret@cam/x"\n')
    (history / "0002.toml").write_text('name = "door\nsource = "rtsp://old:S3cret@cam/x"\n')
    (path.parent / "door.new").write_text('source = "rtsp://old:S3cret@cam/x"\n')
    commented = old_file(tmp_path, "back", "0")
    commented.write_text(commented.read_text() + "# was rtsp://old:S3cret@cam/x\n")
    os.utime(history / "0001.toml", (1000, 1000))
    assert clean_cameras(tmp_path) == 5
    assert clean_cameras(tmp_path) == 0
    assert "S3c" not in texts(tmp_path, FILE)
    assert load_camera(tmp_path, "door").source == "rtsp://cam-3/stream?token=***"
    assert load_credentials(tmp_path, "door", {}) == KEPT
    assert read_version(tmp_path, "door", 1).source == "rtsp://cam/x"
    assert list_versions(path)[-1].saved_at == 1000
    assert load_camera(tmp_path, "back").source == "0"


def test_a_file_edited_by_hand_is_cleaned_when_it_is_read_or_written(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    assert load_camera(tmp_path, "door").source == "rtsp://cam-3/stream?token=***"
    assert "S3c" not in texts(tmp_path, FILE)
    path.write_text(path.read_text().replace("rtsp://", "rtsp://new:S3cret-2@"))
    save_camera(tmp_path, parse_camera({"name": "door", "source": "rtsp://cam-4/x"}, "test"))
    assert "S3c" not in texts(tmp_path, FILE)
    assert load_credentials(tmp_path, "door", {}).password == "S3cret-2"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_cannot_be_cleaned_is_an_error(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    path.parent.chmod(0o500)
    with pytest.raises(CameraError, match="cannot be cleaned"):
        clean_cameras(tmp_path)
