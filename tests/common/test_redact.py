from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from common.redact import MASK, RedactingFormatter, redact, redact_all, redact_url

#: Addresses whose password is `S3cret` with something around it, and how they are shown.
ADDRESSES = {
    "rtsp://admin:S3cret@cam-3/stream": "rtsp://***@cam-3/stream",
    "rtsp://admin:S3cret@cam-3:8554/a?b=1": "rtsp://***@cam-3:8554/a?b=1",
    "RTSPS://admin:S3cret@[fe80::1]:322/x": "RTSPS://***@[fe80::1]:322/x",
    "rtsp://admin:a@S3cret@cam/x": "rtsp://***@cam/x",
    "rtsp://admin:a/S3cret@cam/x": "rtsp://***@cam/x",
    "rtsp://admin:1/S3cret@cam/x": "rtsp://***@cam/x",
    "rtsp://admin:a?S3cret#@cam/x": "rtsp://***@cam/x",
    "rtsp://admin:1 S3cret@cam/x": "rtsp://***@cam/x",
    "rtsp://admin:'S3cret\"%25%@cam/x": "rtsp://***@cam/x",
    "rtsp://ädmin:S3cretß@cam/x": "rtsp://***@cam/x",
    "rtsp://S3cret@cam/x": "rtsp://***@cam/x",
    "http://admin:/S3cret@192.168.1.5/mjpg": "http://***@192.168.1.5/mjpg",
    "http://admin:80/S3cret@192.168.1.5/mjpg": "http://***@192.168.1.5/mjpg",
    "http://c/v.cgi?user=admin&pwd=S3cret": "http://c/v.cgi?user=***&pwd=***",
    "http://c/v?loginuse=a&loginpas=S3cret&ch=1": "http://c/v?loginuse=***&loginpas=***&ch=1",
    "http://c/v?ch=1&Password=a/#S3cret": "http://c/v?ch=1&Password=***",
    "http://c/v?access_token=S3cret": "http://c/v?access_token=***",
    "https://c/v?auth.key=S3cret&w=2": "https://c/v?auth.key=***&w=2",
    "https://c/v?X-Amz-Signature=S3cret": "https://c/v?X-Amz-Signature=***",
    "rtsp://c:554/user=admin_password=S3cret_channel=1_stream=0.sdp": (
        "rtsp://c:554/user=***_password=***_channel=1_stream=0.sdp"
    ),
    "rtsp://c/user=admin&password=a_S3cret&channel=1&stream=0.sdp?": (
        "rtsp://c/user=***&password=***&channel=1&stream=0.sdp?"
    ),
    "postgresql+psycopg://shop:S3cret@db/shop": "postgresql+psycopg://***@db/shop",
    "postgresql://db/shop?user=shop&password=S3cret": "postgresql://db/shop?user=***&password=***",
    "https://hooks.slack.com/services/T1/B1/S3cret": "https://hooks.slack.com/***",
    "https://discord.com/api/webhooks/12/S3cret": "https://discord.com/api/webhooks/***",
    "https://chat.example/hook?key=S3cret": "https://chat.example/hook?key=***",
}


@pytest.mark.parametrize(("address", "shown"), ADDRESSES.items())
def test_no_credential_of_an_address_is_shown(address: str, shown: str) -> None:
    assert redact_url(address) == shown
    told = redact(f"camera door: {address}: no answer, again in 3 s")
    assert "S3cret" not in told
    assert told == f"camera door: {shown}: no answer, again in 3 s"
    assert redact(redact(address)) == redact(address)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://cam-3/stream",
        "rtsp://10.0.0.4:554/Streaming/Channels/101?subtype=1",
        "https://shop.example/pictures/shirt@2x.jpg",
        "http://[::1]/shirt@2x.jpg",
        "https://shop.example/monkey=1?keyboard=2&token",
        "sqlite:////srv/a@b/fittingroom.db",
        "shop/clip.mp4",
        "/dev/video0",
        "write to admin@shop.example: password=open",
        "http://127.0.0.1:8080/screen/1",
    ],
)
def test_what_holds_no_credential_stays_as_it_is(address: str) -> None:
    assert redact(address) == address
    assert redact(f"see {address} for more") == f"see {address} for more"


def test_every_text_of_a_value_is_masked() -> None:
    address = "rtsp://admin:S3cret@cam/x"
    value = {"a": [address, {address: (address,)}], "n": 1, "none": None}
    masked = "rtsp://***@cam/x"
    assert redact_all(value) == {"a": [masked, {masked: [masked]}], "n": 1, "none": None}


def test_several_addresses_in_one_text_and_on_several_lines() -> None:
    text = "rtsp://a:S3cret@b/c rtsp://d:S3cret@e/f\nhttp://g/h?pwd=S3cret&i=1\n"
    assert redact(text) == (f"rtsp://{MASK}@b/c rtsp://{MASK}@e/f\nhttp://g/h?pwd={MASK}&i=1\n")


def test_a_log_record_is_masked_with_its_traceback() -> None:
    try:
        raise ValueError("rtsp://admin:S3cret@cam/x")
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("a", 1, "b", 2, "%s", ("http://u:S3cret@cam/",), told)
    text = RedactingFormatter("%(message)s").format(record)
    assert "http://***@cam/" in text
    assert "ValueError: rtsp://***@cam/x" in text
    assert "S3cret" not in text


CRASH = """
import sys, threading
from common.redact import redact_tracebacks
redact_tracebacks()
def fail(): raise RuntimeError("rtsp://admin:S3cret@cam/x")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_a_process_that_dies_prints_no_credentials() -> None:
    died = subprocess.run(
        [sys.executable, "-c", CRASH], capture_output=True, text=True, check=False
    )
    assert died.returncode == 1
    assert died.stderr.count("RuntimeError: rtsp://***@cam/x") == 2
    assert "rtsp://***@cam/x" in died.stderr.splitlines()[-1]


def test_an_address_whose_beginning_was_left_out_is_masked_too() -> None:
    assert redact_url("admin:S3c@ret@cam/x") == "***@cam/x"
