"""`fittingroom evaluate` on a few real scenes, queries and clips."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.program import fittingroom
from models.errors import ModelError
from models.training.scenes.snapshots import load_snapshots


def test_missing_data_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    result = CliRunner().invoke(fittingroom, ["evaluate", "--data", str(tmp_path)])
    assert isinstance(result.exception, ModelError)
    assert "articles.csv: no such file" in str(result.exception)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_report_holds_what_was_measured(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = load_snapshots(shared, validation=True)[:60]
    monkeypatch.setattr("services.evaluation.recognition.load_snapshots", lambda *_, **__: few)
    result = CliRunner().invoke(
        fittingroom,
        ["evaluate", "--data", str(shared), "--out", str(tmp_path), "--only", "detection",
         "--scenes", "20"],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    scenes = report["detection"]["scenes"]
    assert scenes["scenes"] == 20
    assert 0.3 < scenes["recall"] <= 1
    assert 30 < report["detection"]["photos_of_garments"]["photos"] <= len(few)
    page = (tmp_path / "report.html").read_text()
    assert "false per 100 such scenes" in page


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_shop_without_people_is_measured(shared: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        fittingroom,
        ["evaluate", "--data", str(shared / "second-shop"), "--people", str(shared),
         "--hold-out", "2", "--articles", "60", "--queries", "10", "--only", "retrieval",
         "--out", str(tmp_path)],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0
    report = json.loads((tmp_path / "report.json").read_text())["retrieval"]
    ours, plain = report["track"]["60"], report["imagenet_track"]["60"]
    assert ours["queries"] == 10
    assert ours["top1"] > plain["top1"]
