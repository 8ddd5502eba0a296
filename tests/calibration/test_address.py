from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calibration import CameraError, address
from calibration.address import (
    Credentials,
    check_credentials,
    check_source,
    host_of,
    join_source,
    split_source,
)
from common.redact import redact

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(user=TEXT.filter(lambda text: ":" not in text and text != "***"), password=TEXT)
@example(user="admin", password="@:/#%? p%40ss[wörd]")
@example(user="a/b@c", password="")
@example(user="", password="only")
@pytest.mark.parametrize("source", ["rtsp://cam-3:554/stream?channel=1", "http://[::1]:80/a"])
def test_any_user_and_password_comes_back_from_the_address(
    source: str, user: str, password: str
) -> None:
    credentials = Credentials(user, password)
    address = join_source(source, credentials)
    assert split_source(address) == (source, credentials)
    assert not set(address.partition("://")[2].rpartition("@")[0]) & set("/?#@[] \t\n")
    if password:
        assert redact(address) == source.replace("://", "://***@")


@pytest.mark.parametrize(
    ("source", "kept", "secrets"),
    [
        (
            "http://c/v.cgi?user=a&pwd=b/#c&ch=1",
            "http://c/v.cgi?user=***&pwd=***&ch=1",
            ("a", "b/#c"),
        ),
        (
            "rtsp://c/user=admin_password=x_y_channel=1_stream=0.sdp",
            "rtsp://c/user=***_password=***_channel=1_stream=0.sdp",
            ("admin", "x_y"),
        ),
    ],
)
def test_tokens_in_path_and_query_come_back_too(
    source: str, kept: str, secrets: tuple[str, ...]
) -> None:
    assert split_source(source) == (kept, Credentials(secrets=secrets))
    assert join_source(kept, Credentials(secrets=secrets)) == source
    assert split_source(kept) == (kept, Credentials())
    with pytest.raises(CameraError, match="enter the whole address again"):
        join_source(kept, Credentials(secrets=secrets[:1]))


def test_an_address_as_it_is_shown_has_no_credentials() -> None:
    assert split_source("rtsp://***@cam/x") == ("rtsp://cam/x", Credentials())


@pytest.mark.parametrize("source", ["0", "/dev/video0", "clip@2x.mp4", "shop/a:b.mp4"])
def test_files_and_devices_have_none(source: str) -> None:
    assert split_source(source) == (source, Credentials())
    assert join_source(source, Credentials("a", "b")) == source


@pytest.mark.parametrize(
    "source",
    [
        "0",
        "3",
        "/dev/video0",
        "/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920-video-index0",
        "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0",
        "clip.mp4",
        "shop/my clip.mp4",
        "/srv/films/clip.mkv",
        "rtsp://192.168.1.20:554/Streaming/Channels/101",
        "rtsps://cam.local/x?a=b",
        "http://[fe80::1]:8080/mjpg",
        "udp://@239.0.0.1:1234",
    ],
)
def test_what_can_be_a_source_is_accepted(source: str) -> None:
    assert check_source(f" {source} ") == source


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "say where the picture comes from"),
        ("192.168.1.20", "did you mean rtsp://192.168.1.20?"),
        ("192.168.1.20:554/x", "did you mean rtsp://192.168.1.20:554/x?"),
        ("cam.local:554", "did you mean rtsp://cam.local:554?"),
        ("admin:S3cret@192.168.1.20/x", "did you mean rtsp://***@192.168.1.20/x?"),
        ("rtsp:/cam/x", "did you mean rtsp://cam/x?"),
        ("rtsp//cam/x", "did you mean rtsp://cam/x?"),
        ("rstp://cam/x", "did you mean rtsp://?"),
        ("ftp://cam/x", "known: rtsp, rtsps, http"),
        ("file:///srv/x.mp4", "enter its path"),
        ("rtsp://", "has no host"),
        ("rtsp://:554/x", "has no host"),
        ("http://[::1/x", "no valid host"),
        ("rtsp://cam:0/x", "a number from 1 to 65535"),
        ("rtsp://cam:99999/x", "a number from 1 to 65535"),
        ("rtsp://cam:abc/x", "a number from 1 to 65535"),
        ("rtsp://cam/a b", "no spaces"),
        ("rtsp://cam\u200b/x", "invisible character"),
        ("rtsp://cam/x\nb", "invisible character"),
        ("/dev/sda", "no camera's path"),
        ("/dev/v4l/by-id/../../sda", "no camera's path"),
        ("123", "numbered from 0"),
    ],
)
def test_what_cannot_be_one_is_refused_with_what_to_do(source: str, said: str) -> None:
    with pytest.raises(CameraError) as raised:
        check_source(source)
    assert said in str(raised.value)
    assert "S3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [("a:b", "c", "':'"), ("a", "S3cret\n", "line breaks"), ("a", "S3cret@" * 20, "too long")],
)
def test_what_cannot_be_sent_is_refused_without_being_shown(
    user: str, password: str, said: str
) -> None:
    with pytest.raises(CameraError) as raised:
        check_credentials(Credentials(user, password))
    assert said in str(raised.value)
    assert "S3cret" not in str(raised.value)
    assert "S3cret" not in repr(Credentials(user, password))


def test_hosts_are_compared_without_user_case_and_port() -> None:
    assert host_of("rtsp://a:b@CAM-3:554/x") == host_of("http://cam-3/y") == "cam-3"
    assert host_of("http://[::1]:80/x") == "[::1]"
    assert host_of("/dev/video0") == host_of("0") == ""


@pytest.mark.parametrize("source", ["-1", "+1", "-0"])
def test_a_signed_number_is_no_file(source: str) -> None:
    with pytest.raises(CameraError, match="numbered from 0"):
        check_source(source)


def test_a_host_may_have_letters_beyond_ascii() -> None:
    assert check_source("rtsp://ünï/stream") == "rtsp://ünï/stream"


def test_the_scheme_of_a_plug_in_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CameraError, match="known: rtsp"):
        address.check_source("ndi://studio/1")
    point = EntryPoint("ndi", "plug.in", "fittingroom.sources")
    monkeypatch.setattr(address, "entry_points", lambda group: [point] * (group == point.group))
    assert address.check_source("ndi://studio/1") == "ndi://studio/1"
