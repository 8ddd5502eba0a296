"""Expired data is gone."""

from __future__ import annotations

from sqlalchemy import func, select

from store import (
    Site,
    access,
    audit,
    cameras,
    feedback,
    journal,
    requests,
    retention,
    takealong,
    throttle,
    visits,
)
from store.cameras import Report
from store.schema import (
    Audit,
    Feedback,
    JournalEntry,
    KnownDevice,
    Login,
    Request,
    Screen,
    TakeAlong,
    Throttle,
    Visit,
    VisitItem,
)
from tests.crossings import cross, garment

DAY = 24 * 3600.0


def counts(site: Site) -> dict[str, int]:
    tables = (Visit, VisitItem, Request, Feedback, Login, TakeAlong, Screen)
    tables += (Audit, KnownDevice, Throttle)
    with site.store.read() as session:
        return {
            t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0
            for t in tables
        }


def visit_on(site: Site, time: float, room: str) -> None:
    cross(site, time, "entry", garment("T1-S"), room=room)
    with site.store.write() as session:
        visit = visits.require_visit(session, room)
        requests.ask_person(session, visit, time + 1)
        feedback.record(session, visit.id, "1-2", "opened", time + 2)
    cross(site, time + 60, "exit", room=room)


def test_what_is_old_goes_and_what_is_young_stays(shop: Site) -> None:
    now = 1000 * DAY
    visit_on(shop, now - 181 * DAY, "1")
    visit_on(shop, now - 10 * DAY, "1")
    with shop.store.write() as session:
        journal.append(session, now - 300 * DAY, "catalogue.changed", "", {})
        cameras.report(session, "door", Report("running"), now - 300 * DAY)
        cameras.report(session, "door", Report("moved"), now - 299 * DAY)
        takealong.make_list(session, [takealong.Entry("T1-S", False)], now - 8 * DAY)
        takealong.make_list(session, [takealong.Entry("T1-S", False)], now)
        access.add_account(session, "Anna", "staff", "a long secret", now)
        account = access.find_account(session, "Anna")
        assert account is not None
        access.log_in(session, account.id, now - 300 * DAY)
        access.log_in(session, account.id, now)
        audit.note(session, now - 181 * DAY, "login")
        access.remember_device(session, account.id, "old", now - 401 * DAY)
        throttle.count(session, [throttle.Subject("address:192.0.2.1", 5)], now - 2 * DAY)
        access.ask_for_room(session, "1", now - 2 * DAY)
        access.ask_for_room(session, "2", now)
    with shop.store.write() as session:
        purged = retention.purge(session, now, keep_days=180)
    assert purged.visits == 1
    left = counts(shop)
    assert left["visit"] == left["visit_item"] == left["request"] == 1
    assert left["audit"] == 1  # the account that was added now
    assert left["known_device"] == left["throttle"] == 0
    assert left["login"] == left["take_along"] == left["screen"] == 1
    with shop.store.read() as session:
        old = select(JournalEntry).where(JournalEntry.time < now - 180 * DAY)
        kinds = sorted(entry.kind for entry in session.scalars(old))
        assert kinds == ["catalogue.changed", "catalogue.changed"]
        assert cameras.read_statuses(session)["door"].moved


def test_an_open_visit_is_not_touched(shop: Site) -> None:
    cross(shop, 0.0, "entry", garment("T1-S"))
    with shop.store.write() as session:
        retention.purge(session, 1000 * DAY, keep_days=1)
    assert counts(shop)["visit"] == 1
