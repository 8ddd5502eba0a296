from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from store import Site
from tests.cli.test_cli import refused, run


def test_suggest_names_pieces_and_why(shop: Site) -> None:
    told = run("outfits", "suggest", "K1", "--count", "5", "--json", "--site", shop.folder)
    assert told.returncode == 0, told.stderr
    outfits = json.loads(told.stdout)["outfits"]
    assert outfits
    for outfit in outfits:
        assert outfit["why"]
        assert [p["sku"] for p in outfit["pieces"] if p["carried"]] == ["K1"]
    for one, other in combinations(outfits, 2):
        assert one["pieces"] != other["pieces"]


def test_an_unknown_garment_by_category_and_colour(shop: Site) -> None:
    told = run("outfits", "suggest", "skirt:#203060", "--json", "--site", shop.folder)
    assert told.returncode == 0, told.stderr
    (first, *_) = json.loads(told.stdout)["outfits"]
    assert {"top", "shoes"} <= {p["category"] for p in first["pieces"]}
    assert "skirt" in first["why"]


@pytest.mark.parametrize(
    ("skus", "said"),
    [
        (("NOPE",), "No article 'NOPE' in the catalogue"),
        (("K1", "frock:#203060"), "no category 'frock'"),
    ],
)
def test_suggest_refuses_what_it_does_not_know(
    shop: Site, skus: tuple[str, ...], said: str
) -> None:
    refused(run("outfits", "suggest", *skus, "--site", shop.folder), said)


def test_an_empty_shop_is_told_what_to_do(site: Site) -> None:
    refused(run("outfits", "suggest", "K1", "--site", site.folder), "The catalogue is empty")


def test_score_answers_line_by_line(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    lines = [
        {"context": ["T1-S", "H1"], "candidates": ["K1", "C1", "B1"]},
        {"context": [], "candidates": ["K1"]},
        {"context": ["T1-S"] * 20, "candidates": []},
    ]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    told = run("outfits", "score", path, "--json", "--site", shop.folder)
    assert told.returncode == 0, told.stderr
    scores = [json.loads(line)["scores"] for line in told.stdout.splitlines()]
    assert [len(some) for some in scores] == [3, 1, 0]
    assert len(set(scores[0])) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"context": ["T1-S"], "candidates": ["NOPE"]}', "line 2: no article 'NOPE'"),
        ('{"context": ["T1-S"]}', "line 2: not {"),
        ("[]", "line 2: not {"),
        ('{"context": "T1-S", "candidates": []}', "line 2: 'context' is not a list"),
        ("nonsense", "line 2: not {"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_printed(
    shop: Site, tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"context": ["T1-S"], "candidates": ["K1"]}\n' + line + "\n")
    told = run("outfits", "score", path, "--json", "--site", shop.folder)
    refused(told, said)
    assert set(json.loads(told.stdout)) == {"error"}


def test_the_look_book_and_the_log(shop: Site, tmp_path: Path) -> None:
    composed = run("outfits", "compose", "--count", "5", "--site", shop.folder)
    assert composed.returncode == 0, composed.stderr
    assert "wearable articles in stock" in composed.stderr
    value = run("outfits", "value", "--json", "--site", shop.folder)
    assert json.loads(value.stdout) == {"visits": 0, "shown": 0, "reactions": 0}
    sales = tmp_path / "sales.csv"
    sales.write_text("receipt,time,sku\nr1,2026-05-31T14:30,K1\n")
    sold = run("outfits", "import-sales", sales, "--site", shop.folder)
    assert "1 sales added" in sold.stderr


def test_training_says_what_it_needs(shop: Site, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the training extra is not installed")
    here = ("--run", tmp_path / "run")
    refused(run("train", "stylist", *here), "either --data DIR or --site DIR")
    refused(run("train", "stylist", "--data", tmp_path, *here), "--looks FILE")
    refused(
        run("train", "stylist", "--site", shop.folder, *here),
        "only 0 looks with articles of the catalogue",
    )
