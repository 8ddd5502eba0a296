from __future__ import annotations

import time

from store import Site, takealong
from tests.vision.test_film import FILM
from tests.vision.test_film import write as write_film
from web.housekeeping import Housekeeper


def test_what_has_expired_is_deleted_while_the_server_runs(shop: Site) -> None:
    path = write_film(shop.folder)
    with shop.store.write() as session:
        token = takealong.make_list(session, ["T1-S"], 1000.0)
    now = [FILM.expires - 1]
    keeper = Housekeeper(shop, lambda: now[0])
    keeper.tidy()
    assert path.exists()
    now[0] = FILM.expires + 30 * 24 * 3600
    keeper.start()
    until = time.monotonic() + 5
    while path.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    keeper.stop()
    with shop.store.read() as session:
        assert takealong.read_list(session, token, 1000.0) is None
