"""`fittingroom catalogue lookalikes`."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from cli import main
from store import Site
from store.schema import Colourway, Picture, Vector

pytestmark = pytest.mark.integration


def lookalikes(site: Site, *words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["catalogue", "lookalikes", "--site", str(site.folder), *words])
    assert ended.value.code in (0, None)


@pytest.fixture
def twins(shop: Site) -> Site:
    """The shop, in which the blue T-shirt looks as the other one does."""
    with shop.store.write() as session:
        rows = session.execute(
            select(Colourway.colour, Vector)
            .join(Picture, Picture.id == Vector.picture_id)
            .join(Colourway, Colourway.id == Picture.colourway_id)
            .where(Colourway.sku.startswith("T1"))
        )
        vectors = {row.colour: row.Vector for row in rows}
        other = next(colour for colour in vectors if colour != "blue")
        vectors["blue"].data = vectors[other].data
    return shop


def test_articles_that_look_alike_are_listed(
    twins: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    lookalikes(twins)
    out, told = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "2 look alike (top):"
    assert len(lines) == 3
    assert sum(line.endswith(", blue") for line in lines) == 1
    assert "2 of 6 articles look like another one." in told


def test_groups_as_json(twins: Site, capsys: pytest.CaptureFixture[str]) -> None:
    lookalikes(twins, "--json")
    (line,) = capsys.readouterr().out.splitlines()
    group = json.loads(line)
    assert group["category"] == "top"
    assert len(group["skus"]) == 2


def test_a_shop_of_different_articles_lists_none(
    shop: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    lookalikes(shop)
    out, told = capsys.readouterr()
    assert out == ""
    assert "0 of 6 articles look like another one." in told
