"""`fittingroom dataset`, as somebody calls it."""

from __future__ import annotations

import json
from pathlib import Path

from models.corrections import FOUND
from store import Site
from tests.cli.test_cli import refused, run
from tests.services.test_dataset_export import CAMERA, record


def test_a_recording_is_exported_and_comes_back(site: Site, tmp_path: Path) -> None:
    from calibration import save_camera

    save_camera(site.folder, CAMERA)
    words = ("--camera", "door", "--name", "one", "--apart", "0", "--site", site.folder)
    exported = run("dataset", "export", record(tmp_path), *words)
    assert exported.returncode == 0, exported.stderr
    assert "Wrote 3 frames" in exported.stderr
    assert "boxes alone, no pictures" in exported.stderr
    listed = run("dataset", "list", "--site", site.folder).stdout
    assert json.loads(listed)["name"] == "one"
    found = site.folder / "datasets" / "one" / FOUND
    corrected = tmp_path / "corrected.json"
    corrected.write_text(found.read_text().replace('"coat"', '"parka"'))
    words = ("dataset", "import", "one", corrected)
    refused(run(*words, "--site", site.folder), "category 'parka' is none of ours")
    imported = run(*words, "--class", "parka=coat", "--site", site.folder)
    assert imported.returncode == 0, imported.stderr
    assert json.loads(imported.stdout) == {
        "pictures": 3, "boxes": 5, "added": 0, "removed": 0, "for_training": 0, "held_out": 0,
    }  # fmt: skip
    assert "no pictures to train from" in imported.stderr
    removed = run("dataset", "remove", "one", "--site", site.folder)
    assert removed.returncode == 0
    assert not found.exists()
    refused(run("dataset", "remove", "one", "--site", site.folder), "no data set 'one'; known:")
