from __future__ import annotations

from services.retention import Housekeeper
from store import Site, takealong
from tests.vision.test_film import FILM
from tests.vision.test_film import write as write_film
from tests.waiting import wait_for
from vision.clock import Clocks


def test_what_has_expired_is_deleted_while_the_server_runs(shop: Site) -> None:
    path = write_film(shop.recordings)
    with shop.store.write() as session:
        token = takealong.make_list(session, [takealong.Entry("T1-S", False)], 1000.0)
    now, steady = [FILM.expires - 1], [0.0]
    keeper = Housekeeper(shop, Clocks(lambda: steady[0], lambda: now[0]))
    keeper.tidy()
    assert path.exists()
    now[0] = FILM.expires + 30 * 24 * 3600
    steady[0] = 3601.0
    keeper.worker.start()
    wait_for(lambda: not path.exists())
    keeper.worker.stop()
    with shop.store.read() as session:
        assert takealong.read_list(session, token, 1000.0) is None


def test_a_film_ends_in_time_though_the_clock_was_set_back(shop: Site) -> None:
    path = write_film(shop.recordings)
    wall, steady = [FILM.started], [50.0]
    keeper = Housekeeper(shop, Clocks(lambda: steady[0], lambda: wall[0]))
    keeper.tidy()
    wall[0] -= 6 * 3600
    steady[0] += FILM.expires - FILM.started - 1
    keeper.tidy()
    assert path.exists()
    steady[0] += 2
    keeper.tidy()
    assert not path.exists()
