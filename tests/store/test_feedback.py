from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.crossing import Crossing
from services.visits.recording import record_crossing
from store import Site, StoreError, feedback, requests, visits
from store.catalogue import colourways_by_sku
from store.feedback import Shown
from store.schema import Visit

FEATURES = (1.0, 0.5)


def enter(session: Session, time: float = 100.0) -> int:
    crossing = Crossing(time, "entry", "door", "gate", "1")
    record_crossing(session, crossing, f"entry{time}")
    visit = visits.current_visit(session, "1")
    assert visit is not None
    return visit.id


def show(session: Session, visit: int, *outfits: str) -> None:
    shown = [Shown(name, n, 0.5, FEATURES) for n, name in enumerate(outfits)]
    feedback.record_shown(session, visit, shown, 101.0)


def rewards(session: Session) -> dict[str, float]:
    return {outcome.outfit: outcome.reward for outcome in feedback.outcomes(session)}


def test_the_best_reaction_counts_once(site: Site) -> None:
    with site.store.write() as session:
        visit = enter(session)
        show(session, visit, "1-2-3", "4-5")
        show(session, visit, "4-5")
        assert feedback.record(session, visit, "1-2-3", "opened", 102)
        assert not feedback.record(session, visit, "1-2-3", "opened", 103)
        assert feedback.record(session, visit, "1-2-3", "bought", 104)
        assert rewards(session) == {"1-2-3": 1.0, "4-5": 0.0}
        assert [outcome.position for outcome in feedback.outcomes(session)] == [0, 1]


def test_what_was_dropped_earned_nothing(site: Site) -> None:
    with site.store.write() as session:
        visit = enter(session)
        show(session, visit, "1-2")
        feedback.record(session, visit, "1-2", "opened", 102)
        feedback.record(session, visit, "1-2", "dropped", 103)
        assert rewards(session) == {"1-2": 0.0}


def test_nothing_is_noted_of_what_was_not_shown(site: Site) -> None:
    with site.store.write() as session:
        visit = enter(session)
        assert not feedback.record(session, visit, "7-8", "opened", 102)
        with pytest.raises(StoreError, match="No reaction 'loved'"):
            feedback.record(session, visit, "7-8", "loved", 102)


def test_a_request_counts_for_the_outfit_she_opened(shop: Site) -> None:
    with shop.store.write() as session:
        keys = colourways_by_sku(session, ["K1", "H1", "B1"])
        skirt, boots, bag = keys["K1"], keys["H1"], keys["B1"]
        visit = enter(session)
        first, second = feedback.name_outfit([skirt, boots]), feedback.name_outfit([skirt, bag])
        show(session, visit, first, second)
        feedback.record(session, visit, second, "opened", 102)
        number = requests.ask_article(session, visits.require_visit(session, "1"), "K1", "", 103)
        assert rewards(session) == {first: 0.0, second: 0.7}
        requests.change_request(session, number, "taken", 104)
        requests.change_request(session, number, "done", 105)
        assert rewards(session) == {first: 0.0, second: 0.8}


def test_sales_are_read_once_and_credited(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    at = datetime(2026, 5, 31, 14, 5)
    path.write_text(
        "receipt,time,sku,quantity\n"
        "r1,2026-05-31T14:30,K1,\n"
        "r1,2026-05-31T14:30,H1,2\n"
        "r2,2026-05-31T14:30,NOPE,1\n"
        "r3,yesterday,K1,1\n"
        "r4,2026-05-31T14:30,K1,none\n"
        ",2026-05-31T14:30,K1,1\n"
    )
    with shop.store.write() as session:
        skirt = colourways_by_sku(session, ["K1"])["K1"]
        visit = enter(session, at.timestamp())
        name = feedback.name_outfit([skirt, 99])
        show(session, visit, name)
    with shop.store.write() as session:
        report = feedback.import_sales(session, path)
        assert (report.added, report.known, report.credited) == (2, 0, 1)
        assert [(p.line, p.column) for p in report.problems] == [
            (4, "sku"), (5, "time"), (6, "quantity"), (7, "receipt"),
        ]  # fmt: skip
        assert rewards(session) == {name: 1.0}
    with shop.store.write() as session:
        again = feedback.import_sales(session, path)
        assert (again.added, again.known, again.credited) == (0, 2, 0)
        assert session.scalars(select(Visit)).one().id == visit


def test_an_old_visit_has_sold_nothing(shop: Site, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("receipt,time,sku\nr1,2026-05-31T18:30,K1\n")
    with shop.store.write() as session:
        skirt = colourways_by_sku(session, ["K1"])["K1"]
        visit = enter(session, datetime(2026, 5, 31, 14, 5).timestamp())
        show(session, visit, feedback.name_outfit([skirt, 99]))
        assert feedback.import_sales(session, path).credited == 0


@pytest.mark.parametrize("name", ["", "a-b", "1-"])
def test_a_name_that_is_no_outfit(name: str) -> None:
    with pytest.raises(StoreError):
        feedback.keys_of(name)
