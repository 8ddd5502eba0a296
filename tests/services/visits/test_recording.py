"""What screens show after crossings, and why."""

from __future__ import annotations

from dataclasses import replace

from common.crossing import Crossing, Event, GarmentMatch
from common.sensor import Signal, State
from services.quiet import QuietVisits
from services.visits.recording import end_by_signals, record_crossing, record_signal
from store import Site, hidden, journal, left_behind, requests, visits
from store.schema import Request
from tests.crossings import garment
from vision.clock import Clocks


def cross(
    site: Site,
    time: float,
    event: Event,
    *garments: GarmentMatch,
    camera: str = "left",
    staff: bool = False,
    room: str = "1",
) -> None:
    crossing = Crossing(time, event, camera, "gate", room, garments=garments, staff=staff)
    with site.store.write() as session:
        record_crossing(session, crossing, f"{camera}{event}{time}{room}")


def on_screen(site: Site, room: str = "1") -> list[str | None]:
    """The articles on the screen of a room, None for an unknown one."""
    with site.store.read() as session:
        items = visits.items_on_screen(visits.current_visit(session, room))
        return [item.colourway.sku if item.colourway else None for item in items]


def reasons(site: Site, kind: str) -> list[str]:
    with site.store.read() as session:
        return [payload["reason"] for payload in journal.payloads(session, kind)]


def test_an_exit_that_nobody_saw_shows_the_next_one_nothing_of_hers(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"), garment("C1", "coat"))
    cross(shop, 600, "entry", garment("K1", "skirt"))
    assert on_screen(shop) == ["K1"]
    QuietVisits(shop, Clocks(lambda: 700.0, lambda: 700.0)).close()
    assert reasons(shop, "visit.closed") == ["next"]
    assert on_screen(shop) == ["K1"]
    with shop.store.read() as session:
        assert len(left_behind.list_left_behind(session, 700)) == 2


def test_staff_who_find_a_room_empty_do_not_prove_that_she_is_there(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"), garment("C1", "coat"))
    cross(shop, 400, "entry")  # without a badge; she left unseen
    cross(shop, 412, "exit")
    cross(shop, 440, "entry", garment("K1", "skirt"))
    assert on_screen(shop) == ["K1"]


def test_a_film_without_exits_does_not_pile_up_garments(shop: Site) -> None:
    for n in range(4):
        cross(shop, 90.0 * n, "entry", garment("T1-S"), garment("K1", "skirt"))
        assert on_screen(shop) == ["T1-S", "K1"]


def test_the_same_dress_seen_again_is_the_same_dress(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 3, "entry", garment("T1-S"), garment("K1", "skirt"))
    assert on_screen(shop) == ["T1-S", "K1"]


def test_staff_who_look_in_do_not_end_a_visit(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        number = requests.ask_article(session, visit, "K1", "", 200)
    cross(shop, 300, "entry", garment("K1", "skirt"))
    assert on_screen(shop) == ["K1"]
    cross(shop, 310, "exit")
    assert on_screen(shop) == ["T1-S", "K1"]
    assert reasons(shop, "visit.resumed") == ["staff"]
    with shop.store.read() as session:
        assert session.get_one(Request, number).state == "open"
        assert len(visits.all_open(session)) == 1


def test_a_request_of_a_hidden_visit_is_kept_for_staff_alone(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        number = requests.ask_article(session, visit, "K1", "", 200)
    cross(shop, 600, "entry", garment("C1", "coat"))
    clock = [640.0]
    quiet = QuietVisits(shop, Clocks(lambda: clock[0], lambda: clock[0]))
    quiet.close()
    assert reasons(shop, "visit.closed") == ["next"]
    with shop.store.read() as session:
        assert [request.id for request in requests.open_requests(session)] == [number]
        assert requests.requests_of(session, visits.require_visit(session, "1")) == []
    quiet.close()
    clock[0] = 640.0 + requests.KEPT_S - 1
    quiet.close()
    assert state_of(shop, number) == "open"
    clock[0] += 2
    quiet.close()
    assert state_of(shop, number) == "cancelled"


def test_a_request_of_who_was_seen_to_leave_ends_with_the_visit(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    with shop.store.write() as session:
        number = requests.ask_person(session, visits.require_visit(session, "1"), 200)
    cross(shop, 300, "exit", garment("T1-S"))
    assert state_of(shop, number) == "cancelled"


def state_of(site: Site, number: int) -> str:
    with site.store.read() as session:
        return session.get_one(Request, number).state


def test_two_cameras_count_one_person_and_see_more_together(shop: Site) -> None:
    unknown = replace(garment(None), candidates=garment("T1-S").candidates)
    cross(shop, 0, "entry", unknown)
    cross(shop, 0.3, "entry", garment("T1-S"), garment("K1", "skirt"), camera="right")
    assert on_screen(shop) == ["T1-S", "K1"]
    cross(shop, 300, "exit", garment("K1", "skirt"))
    cross(shop, 300.2, "exit", garment("K1", "skirt"), garment("T1-S"), camera="right")
    assert on_screen(shop) == []
    with shop.store.read() as session:
        assert left_behind.list_left_behind(session, 301) == []


def test_a_hidden_visit_ends_when_the_next_one_leaves(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 600, "entry", garment("K1", "skirt"))
    cross(shop, 900, "exit", garment("K1", "skirt"))
    assert sorted(reasons(shop, "visit.closed")) == ["left", "next"]
    with shop.store.read() as session:
        assert hidden.hidden_since(session) == {}


def test_the_first_one_goes_and_her_friend_stays(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 600, "entry", garment("K1", "skirt"))
    cross(shop, 610, "exit", garment("T1-S"))
    assert on_screen(shop) == ["K1"]
    assert reasons(shop, "visit.closed") == ["left"]


def test_two_cameras_see_staff_bring_one_garment(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    with shop.store.write() as session:
        requests.ask_article(session, visits.require_visit(session, "1"), "K1", "", 200)
    for camera in ("left", "right"):
        cross(shop, 300, "entry", garment("K1", "skirt"), camera=camera, staff=True)
    assert on_screen(shop) == ["T1-S", "K1"]


def report(site: Site, *signals: tuple[float, State]) -> None:
    for time, state in signals:
        with site.store.write() as session:
            record_signal(session, Signal(time, "1", state))


def test_a_door_that_stands_open_ends_a_visit(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    report(shop, (0.5, "opened"), (2, "closed"), (400, "opened"), (403, "closed"))
    quiet = QuietVisits(shop, Clocks(lambda: 410.0, lambda: 410.0))
    assert quiet.close() == 0, "she looked out"
    report(shop, (600, "opened"))
    with shop.store.write() as session:
        assert end_by_signals(session, 603) == 0, "her exit may be reported yet"
    QuietVisits(shop, Clocks(lambda: 630.0, lambda: 630.0)).close()
    assert reasons(shop, "visit.closed") == ["opened"]
    assert on_screen(shop) == []


def test_an_exit_that_is_seen_explains_the_open_door(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 1, "entry")
    report(shop, (0, "opened"), (3, "closed"), (599, "opened"))
    cross(shop, 600, "exit")
    with shop.store.write() as session:
        assert end_by_signals(session, 640) == 0


def test_a_room_that_its_sensor_reports_as_free_ends_a_visit(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    report(shop, (1, "occupied"), (600, "free"))
    with shop.store.write() as session:
        assert end_by_signals(session, 610) == 1
    assert reasons(shop, "visit.closed") == ["free"]


def test_the_decision_says_what_the_door_contributed(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    report(shop, (0, "opened"), (2, "closed"), (99, "opened"))
    cross(shop, 100, "entry", garment("K1", "skirt"))
    assert on_screen(shop) == ["T1-S", "K1"], "the door was shut: a friend"
    report(shop, (102, "closed"), (400, "opened"), (404, "closed"), (699, "opened"))
    cross(shop, 700, "entry", garment("C1", "coat"))
    assert on_screen(shop) == ["C1"]
    with shop.store.read() as session:
        changed = journal.payloads(session, "visit.changed")
        (hidden,) = journal.payloads(session, "visit.hidden")
    assert [p.get("evidence") for p in changed] == [None, "door_stayed_shut", None]
    assert hidden["evidence"] == "door_opened"


THREE = (garment("T1-S"), garment("K1", "skirt"), garment("C1", "coat"))


def test_a_shopper_who_leaves_all_her_garments_may_come_back(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE)
    with shop.store.write() as session:
        number = requests.ask_person(session, visits.require_visit(session, "1"), 200)
    cross(shop, 300, "exit")
    assert reasons(shop, "visit.closed") == ["left"]
    assert state_of(shop, number) == "open", "she may still want it"
    cross(shop, 380, "entry", garment("B1", "bag"))
    assert on_screen(shop) == ["B1"], "it may be the next shopper, after all"
    with shop.store.read() as session:
        (returned,) = journal.payloads(session, "visit.returned")
    assert (returned["from"], returned["probability"] > 0.5) == ("1", True)


def test_she_who_carries_her_garments_out_does_not_come_back(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE)
    cross(shop, 300, "exit", *THREE)
    cross(shop, 380, "entry", garment("B1", "bag"))
    assert reasons(shop, "visit.closed") == ["left"]
    with shop.store.read() as session:
        assert journal.payloads(session, "visit.returned") == []


def test_a_shopper_who_changes_rooms_has_her_garments_there(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE, garment(None, "bag"), room="2")
    cross(shop, 300, "exit", *THREE, room="2")
    cross(shop, 325, "entry", *THREE)
    assert on_screen(shop) == [None, "T1-S", "K1", "C1"], "the bag was not seen on the way"
    with shop.store.read() as session:
        (moved,) = journal.payloads(session, "visit.moved")
        assert left_behind.list_left_behind(session, 400) == []
    assert moved["from"] == "2"


def test_one_article_in_common_shows_nothing_of_the_other_room(shop: Site) -> None:
    cross(shop, 0, "entry", *THREE[:2], room="2")
    cross(shop, 300, "exit", garment("T1-S"), room="2")
    cross(shop, 325, "entry", garment("T1-S"))
    assert on_screen(shop) == ["T1-S"]


def test_staff_whose_badge_is_read_on_the_way_out_alone_end_no_visit(shop: Site) -> None:
    cross(shop, 0, "entry", garment("T1-S"))
    cross(shop, 300, "entry")
    assert on_screen(shop) == []
    cross(shop, 310, "exit", staff=True)
    assert on_screen(shop) == ["T1-S"]
    cross(shop, 400, "entry", staff=True)
    cross(shop, 410, "exit")
    assert on_screen(shop) == ["T1-S"], "not read on the way out"
    cross(shop, 500, "exit", garment("T1-S"))
    assert on_screen(shop) == []


def test_a_person_at_the_screen_whose_entry_is_reported_late_counts_once(shop: Site) -> None:
    with shop.store.write() as session:
        visits.scan_item(session, "1", "C1", 10.0)
    cross(shop, 9, "entry", garment("C1", "coat"), garment("T1-S"))
    assert on_screen(shop) == ["C1", "T1-S"]
    cross(shop, 400, "exit", garment("T1-S"))
    assert on_screen(shop) == []
