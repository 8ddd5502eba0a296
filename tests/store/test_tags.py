"""Tags as scanners send them: every form finds its variant, or one clear error says why not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from store import Site, StoreError, open_site, tags, visits
from store.gtin import normalise_gtin
from store.layouts import _OTHERS, _US
from store.schema import Variant, VisitItem

UPC = "036000291452"
EAN = "4006381333931"
GTIN = "09506000134352"
SHORT = "96385074"


def typed_on(layout: str, code: str) -> str:
    """Type a code as a scanner with the US layout does on a machine with another one."""
    return code.translate(dict(zip(map(ord, _US), _OTHERS[layout], strict=True)))


@pytest.fixture(scope="module")
def read_only(stocked_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("tagged") / "site"
    site = give_numbers(open_site(shutil.copytree(stocked_site, folder)))
    yield site
    site.store.close()


@pytest.fixture
def tagged(shop: Site) -> Site:
    return give_numbers(shop)


def give_numbers(shop: Site) -> Site:
    numbers = {"T1-M": GTIN, "T1-S": UPC, "K1": EAN, "H1": SHORT, "C1": "042100005264"}
    with shop.store.write() as session:
        for sku, gtin in numbers.items():
            changed = update(Variant).where(Variant.sku == sku)
            session.execute(changed.values(gtin=normalise_gtin(gtin)))
        session.execute(update(Variant).where(Variant.sku == "B1").values(sku="XYZ-1/Q"))
    return shop


def find(site: Site, code: str) -> str:
    with site.store.read() as session:
        return tags.find_tagged(session, code).variant.sku


@pytest.mark.parametrize(
    ("code", "sku"),
    [
        (UPC, "T1-S"), (f"0{UPC}", "T1-S"), (f"00{UPC}", "T1-S"), ("36000291452", "T1-S"),
        (f"]E0{UPC}", "T1-S"), (f"]E00{UPC}", "T1-S"), (EAN, "K1"), (f"]E0{EAN}", "K1"),
        ("4 006381 333931", "K1"), (SHORT, "H1"), (f"]E4{SHORT}", "H1"), (f"0{EAN}", "K1"),
        (GTIN, "T1-M"), (GTIN[1:], "T1-M"), (f"]I1{GTIN}", "T1-M"),
        (f"01{GTIN}", "T1-M"), (f"]C101{GTIN}", "T1-M"), (f"]C101{GTIN}21x\x1d10L7", "T1-M"),
        (f"]d201{GTIN}21ab\x1d10L", "T1-M"), (f"]Q301{GTIN}21ab", "T1-M"),
        (f"]e001{GTIN}", "T1-M"), (f"]E0{GTIN[1:]}", "T1-M"),
        (f"(01){GTIN}(21)x", "T1-M"), (f"(01) {GTIN} (21) x", "T1-M"),
        (f"\x1d01{GTIN}21x", "T1-M"), (f"<GS>01{GTIN}21x", "T1-M"),
        (f"10LOT\x1d01{GTIN}", "T1-M"), (f"(10)LOT(01){GTIN}", "T1-M"),
        (f"https://id.gs1.org/01/{GTIN}", "T1-M"), (f"HTTPS://ID.GS1.ORG/01/{GTIN}", "T1-M"),
        (f"https://id.gs1.org/01/{GTIN}/21/12?17=271225#x", "T1-M"),
        (f"https://shop.example/de/p/01/{GTIN}?10=AB&utm=1", "T1-M"),
        (f"http://shop.example/gtin/{GTIN[1:]}", "T1-M"), (f"id.gs1.org/01/{GTIN}/", "T1-M"),
        (f"]Q1https://id.gs1.org/01/{GTIN}", "T1-M"),
        ("urn:epc:id:sgtin:95060001.03435.7", "T1-M"),
        ("urn:epc:id:sgtin:950600013435.0.7", "T1-M"),
        ("URN:EPC:TAG:SGTIN-96:1.9506000.013435.7", "T1-M"),
        ("urn:epc:idpat:sgtin:4006381.033393.*", "K1"),
        ("urn:epc:class:lgtin:4006381.033393.L", "K1"),
        ("t1-m", "T1-M"), ("T1b-S", "T1b-S"), ("T1B-S", "T1b-S"), ("]A0T1-M", "T1-M"),
        ("]c0t1-m", "T1-M"), ("t1ßm", "T1-M"), ("\x02T1-M\x03", "T1-M"), ("  T1-M\t\r\n", "T1-M"),
        ("\ufeffT1-M\u200b", "T1-M"), ("Ｔ１－Ｍ", "T1-M"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "K1"), ("04252614", "C1"),  # a UPC-E
    ],
)  # fmt: skip
def test_a_tag_in_any_form_finds_its_variant(read_only: Site, code: str, sku: str) -> None:
    assert find(read_only, code) == sku


@pytest.mark.parametrize("layout", sorted(_OTHERS))
@pytest.mark.parametrize(
    ("code", "sku"),
    [
        (UPC, "T1-S"), ("T1-M", "T1-M"), ("XYZ-1/Q", "XYZ-1/Q"), (f"]Q301{GTIN}", "T1-M"),
        (f"(01){GTIN}(21)x", "T1-M"), (f"https://id.gs1.org/01/{GTIN}", "T1-M"),
    ],
)  # fmt: skip
def test_a_scanner_with_another_keyboard_layout(
    read_only: Site, layout: str, code: str, sku: str
) -> None:
    typed = typed_on(layout, code).replace(" ", "")  # a dead key types nothing
    assert find(read_only, typed) == sku


def test_the_exact_number_goes_before_another_spelling(tagged: Site) -> None:
    with tagged.store.write() as session:
        session.execute(update(Variant).where(Variant.sku == "C1").values(sku="k1"))
    assert (find(tagged, "K1"), find(tagged, "k1")) == ("K1", "k1")
    with tagged.store.write() as session:
        session.execute(update(Variant).where(Variant.sku == "k1").values(sku="xyz-1/q"))
        session.execute(update(Variant).where(Variant.sku == "XYZ-1/Q").values(sku="XYz-1/Q"))
    with pytest.raises(StoreError, match=r"several articles \(XYz-1/Q, xyz-1/q\)"):
        find(tagged, "XYZ-1/Q")


def test_a_number_of_two_articles_is_said_and_not_guessed(tagged: Site) -> None:
    with tagged.store.write() as session:
        shared = update(Variant).where(Variant.sku == "C1")
        session.execute(shared.values(gtin=normalise_gtin(EAN)))
    with pytest.raises(StoreError, match=r"several articles \(C1, K1\)"):
        find(tagged, EAN)
    assert find(tagged, "C1") == "C1"


@pytest.mark.parametrize("code", ["4006381333932", f"01{GTIN[:-1]}3", "", "\x1d", "]E0", "T9-M"])
def test_anything_else_is_one_clear_error(read_only: Site, code: str) -> None:
    with pytest.raises(StoreError, match="No article"):
        find(read_only, code)


def test_a_long_text_is_cut_in_the_message(read_only: Site) -> None:
    with pytest.raises(StoreError, match="No article") as raised:
        find(read_only, "WIFI:T:WPA;S:guests;P:" + "x" * 5000)
    assert "WIFI:T:WPA" in str(raised.value)
    assert len(str(raised.value)) < 130


def number_by_colour(shop: Site) -> None:
    """Number the tee as many shops do: style, colour, size."""
    numbers = {"T1-S": "4711-02-S", "T1-M": "4711-02-M", "T1b-S": "4711-03-S"}
    with shop.store.write() as session:
        for sku, number in numbers.items():
            session.execute(update(Variant).where(Variant.sku == sku).values(sku=number))


@pytest.mark.parametrize("code", ["4711-02", " 4711-02\t", "]C04711-02"])
def test_the_number_of_a_colour_names_the_article_without_a_size(shop: Site, code: str) -> None:
    number_by_colour(shop)
    with shop.store.read() as session:
        tagged = tags.find_tagged(session, code)
        assert tagged.variant.colourway.colour == "red"
        assert not tagged.sized
        assert tags.find_tagged(session, "4711-02-m").sized


def test_the_number_of_a_style_in_several_colours_is_not_guessed(shop: Site) -> None:
    number_by_colour(shop)
    with pytest.raises(StoreError, match=r"several articles \(4711-02-M, 4711-02-S, 4711-03-S\)"):
        find(shop, "4711")
    with pytest.raises(StoreError, match="No article"):
        find(shop, "4711-0")


def test_a_colour_scanned_in_a_room_has_no_size_and_keeps_a_known_one(shop: Site) -> None:
    number_by_colour(shop)
    with shop.store.write() as session:
        first = visits.scan_item(session, "1", "4711-02", 1.0)
        assert session.get_one(VisitItem, first).size == ""
        assert visits.scan_item(session, "1", "4711-02-M", 2.0) == first
        assert visits.scan_item(session, "1", "4711-02", 3.0) == first
        assert session.get_one(VisitItem, first).size == "M"
