from __future__ import annotations

from services.outfits.stylist import Garment, ShopStylist
from store import Site, catalogue
from store.schema import Colourway


def test_an_article_of_a_category_of_another_version_is_other(shop: Site) -> None:
    with shop.store.write() as session:
        ids = catalogue.colourways_by_sku(session, ["B1", "T1-S", "K1"])
        session.get_one(Colourway, ids["B1"]).article.category = "gloves"
    stylist = ShopStylist(shop)
    with shop.store.read() as session:
        state = stylist.state(session)
        assert state.inventory.categories[state.shop.row_of[ids["B1"]]] == "other"
        assert state.carried(Garment(None, "gloves", (50.0, 0.0, 0.0))).category == "other"
        tee = Garment(ids["T1-S"], "top", (44.0, 51.0, 30.0))
        outfits = stylist.suggest(session, [tee], 3, season="mild")
    assert outfits
    assert all(ids["B1"] not in outfit.keys for outfit in outfits)
