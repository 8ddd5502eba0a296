"""The commands as a technician types them: output, errors, exit codes."""

from __future__ import annotations

import gc
import io
import json
import signal
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import cv2
import pytest

from cli import main
from cli.signals import Stopped
from common.progress import progress
from store import Site
from store.database import Store
from tests.conftest import SHOP_ROWS, huge_png, noise, write_feed


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in this process: a new one would import for seconds each time."""
    words, code = [*map(str, arguments)], 0
    with (
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as told,
        chdir(cwd or "."),
    ):
        try:
            main(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return subprocess.CompletedProcess(words, code, out.getvalue(), told.getvalue())


def run_alone(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does."""
    command = [sys.executable, "-m", "cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


GATE = '{"from": [0.66, 0.5], "to": [0.66, 1.0], "in": "right"}'


def refused(result: subprocess.CompletedProcess[str], said: str) -> None:
    assert result.returncode == 2, result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert (
        len([line for line in result.stderr.splitlines() if line.startswith("fittingroom:")]) <= 1
    )


@pytest.mark.integration
def test_from_an_empty_folder_to_a_match(tmp_path: Path, pictures: Path) -> None:
    site, feed = tmp_path / "site", write_feed(tmp_path / "feed.csv", *SHOP_ROWS)
    assert run_alone("init", site).returncode == 0
    imported = run_alone("catalogue", "import", feed, "--images", pictures, "--site", site)
    assert imported.returncode == 0
    assert "7 added" in imported.stderr
    assert imported.stdout == ""
    matched = run("catalogue", "match", pictures / "tee.jpg", pictures / "coat.jpg", "--json",
                  cwd=site)  # fmt: skip
    first, second = map(json.loads, matched.stdout.splitlines())
    assert first["image"].endswith("tee.jpg")
    assert first["candidates"][0]["sku"] == "T1-S"
    assert second["candidates"][0]["sku"] == "C1"
    assert set(first) == {
        "image", "category", "category_certain", "sku", "score", "certainty", "candidates",
    }  # fmt: skip


@pytest.mark.parametrize("sku", ["K1", "NOPE"])
def test_a_command_closes_the_database(
    shop: Site, sku: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = Store.close

    def note(store: Store) -> None:
        closed.append(store.url)
        close(store)

    monkeypatch.setattr(Store, "close", note)
    run("outfits", "suggest", sku, "--site", shop.folder)
    assert closed == [shop.database_url], "whether it succeeds or not"


@pytest.mark.integration
def test_the_list_of_commands_needs_none_of_them() -> None:
    code = (
        "import sys\nfrom cli import main\ntry:\n    main(['--help'])\n"
        "except SystemExit:\n    print(sorted({'vision', 'models', 'flask'} & {*sys.modules}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    *listed, imported = told.stdout.splitlines()
    assert imported == "[]"
    names = {line.split()[0] for line in listed if line.startswith("  ")}
    assert names >= {"camera", "demo", "replay", "serve"}


def test_every_command_of_the_list_is_there() -> None:
    for line in run("--help").stdout.partition("Commands:")[2].splitlines()[1:]:
        name = line.split()[0]
        assert f"fittingroom {name}" in run(name, "--help").stdout


def test_camera_add_writes_what_was_said(site: Site) -> None:
    added = run("camera", "add", "door", "--source", "0", "--gate", GATE, "--room", "3", "--site",
                site.folder)  # fmt: skip
    assert added.returncode == 0
    listed = json.loads(run("camera", "list", "--site", site.folder).stdout)
    assert listed["gate"][0]["rooms"] == ["3"]
    assert listed["gate"][0]["from"] == [0.66, 0.5]
    assert listed["status"]["state"] == "unwatched"
    again = run("camera", "add", "door", "--source", "0", "--gate", GATE, "--room", "3", "--site",
                site.folder)  # fmt: skip
    refused(again, "exists already")


@pytest.mark.parametrize(
    ("gate", "said"),
    [("{", "not JSON"), ("[1]", "not a JSON object"),
     ('{"from": [2, 0], "to": [0.5, 1], "in": "right"}', "from"),
     ('{"from": [0.5, 0], "to": [0.5, 1], "inn": "right"}', "inn")],
)  # fmt: skip
def test_a_wrong_gate_is_refused(site: Site, gate: str, said: str) -> None:
    refused(run("camera", "add", "door", "--source", "0", "--gate", gate, "--room", "1", "--site",
                site.folder), said)  # fmt: skip
    assert not list((site.folder / "cameras").iterdir())


def test_detect_prints_one_object_a_picture(tmp_path: Path) -> None:
    for name in ("a.png", "b.jpg"):
        cv2.imwrite(str(tmp_path / name), noise(120, 200))
    result = run("detect", tmp_path / "a.png", tmp_path / "b.jpg", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(line["image"]).name for line in lines] == ["a.png", "b.jpg"]
    assert all(isinstance(line["detections"], list) for line in lines)


def test_bad_pictures_and_clips_are_one_line(site: Site, tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    refused(run("detect", text), "not a picture")
    refused(run("detect", tmp_path / "none.jpg"), "cannot be read")
    huge = tmp_path / "huge.png"
    huge.write_bytes(huge_png(40_000, 40_000))
    refused(run("detect", huge), "too many pixels")
    refused(run("catalogue", "match", huge, "--site", site.folder), "too many pixels")
    refused(run("replay", "none.mp4", "--camera", "door", "--site", site.folder), "unknown camera")
    run("camera", "add", "door", "--source", "0", "--gate", GATE, "--room", "1", "--site",
        site.folder)  # fmt: skip
    refused(run("replay", "none.mp4", "--camera", "door", "--site", site.folder), "no such file")
    video = text.rename(tmp_path / "text.mp4")
    refused(run("replay", video, "--camera", "door", "--site", site.folder), "not a video")
    refused(run("watch", "back", "--site", site.folder), "this site has: door")


def test_wrong_sites_and_feeds_are_one_line(site: Site, tmp_path: Path, pictures: Path) -> None:
    refused(run("serve", "--site", tmp_path), "no fittingroom.toml here")
    header = tmp_path / "feed.csv"
    header.write_text("sku,name\n1,2\n")
    refused(run("catalogue", "import", header, "--images", pictures, "--site", site.folder),
            "the header lacks id, title")  # fmt: skip
    refused(run("catalogue", "import", header, "--images", tmp_path / "no", "--site", site.folder),
            "no such folder")  # fmt: skip
    refused(run("catalogue", "match", pictures / "tee.jpg", "--site", site.folder),
            "catalogue is empty")  # fmt: skip
    (site.folder / "fittingroom.toml").write_text("[web]\nprot = 1\n")
    refused(run("serve", "--site", site.folder), "did you mean 'web.port'")


@pytest.mark.integration
def test_training_without_data_is_one_line(tmp_path: Path) -> None:
    for model in ("detector", "embedder"):
        result = run("train", model, "--data", tmp_path, "--run", tmp_path / "run")
        refused(result, str(tmp_path))
    empty = run("train", "unpack", tmp_path, "--data", tmp_path)
    refused(empty, "contains neither detector.pt nor embedder.pt")


def test_with_json_an_error_is_json_too(site: Site) -> None:
    result = run("catalogue", "import", site.folder / "none.csv", "--json", "--site", site.folder)
    assert result.returncode == 2
    assert "none.csv" in json.loads(result.stdout)["error"]["message"]
    assert "none.csv" in result.stderr


def test_a_stopped_command_ends_with_its_own_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def _long(_arguments: list[str] | None) -> None:
        bar = progress(range(3), desc="pictures", unit="picture")
        kept_by_the_traceback = (number for number in bar)
        for number in kept_by_the_traceback:
            if number == 1:
                raise Stopped(signal.SIGINT)

    monkeypatch.setattr("cli.program.run", _long)
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 130
    del end
    gc.collect()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("pictures: 0 of 3")
    assert lines[-1] == "fittingroom: stopped."
