from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from common.errors import InputError
from common.tables import Problem, read_table
from common.textfile import decode
from services.catalogue.feed import COLUMNS
from services.catalogue.texts import clean_text

KNOWN = ("id", "title", "price", "image_link")


def titles(path: Path) -> list[str | None]:
    """Return each row's title; None for a row that was named as a problem."""
    return [
        None if isinstance(values, Problem) else values["title"]
        for _, values in read_table(path, ("id", "title"), KNOWN)
    ]


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_tells_the_delimiter_by_the_header(tmp_path: Path, mark: str) -> None:
    text = "id,title,price\n1,Tee,9 EUR\n2,Skirt,8 EUR,\n".replace(",", mark)
    assert titles(table(tmp_path / "f.csv", text)) == ["Tee", "Skirt"]


def test_header_names_may_be_spelt_as_programs_do(tmp_path: Path) -> None:
    text = "sep=;\r\nG:ID;Title ;Additional Image Link;additionalImageLinks\r\n1;Tee;a;b\r\n"
    ((line, values),) = read_table(table(tmp_path / "f.csv", text), ("id", "title"), KNOWN)
    assert (line, values) == (3, {"id": "1", "title": "Tee", "additional_image_link": "a,b"})


def test_stray_quotes_swallow_no_row(tmp_path: Path) -> None:
    rows = ['1\t"Slim" Tee', '2\t"Slim Tee', "3\tTee 3", '4\tBag 13" black', '5\t"a ""b"""',
            '6\t"two\nlines"']  # fmt: skip
    path = table(tmp_path / "f.tsv", "id\ttitle\n" + "\n".join(rows) + "\n")
    assert titles(path) == ['"Slim" Tee', '"Slim Tee', "Tee 3", 'Bag 13" black', 'a "b"',
                            "two\nlines"]  # fmt: skip


def test_a_quote_that_two_rows_could_share_is_closed_in_its_own(tmp_path: Path) -> None:
    path = table(tmp_path / "f.csv", 'id,title,price\n1,"Slim,9\n2,Tee 13",8\n3,"x, y",7\n')
    assert titles(path) == ['"Slim', 'Tee 13"', "x, y"]


def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    path = table(tmp_path / "f.csv", 'id,title,price\n1,a,9\n2,"open\n3,b,9\n')
    assert titles(path) == ["a", None, "b"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("T-Shirt für Mädchen", "cp1252"), ("Kjole, rød og blå", "latin-1"), ("9 €", "cp1252"),
        ("Koszulka żółta, płaszcz męski", "cp1250"), ("Рубашка белая", "cp1251"),
        ("スカート 赤", "cp932"), ("连衣裙 红色", "gb18030"), ("Tee ñandú", "utf-16"),
        ("Tee ñandú", "utf-16-le"), ("Tee ñandú", "utf-8-sig"),
    ],
)  # fmt: skip
def test_reads_the_encodings_that_shops_write(tmp_path: Path, text: str, encoding: str) -> None:
    path = table(tmp_path / "f.csv", f"id|title\n1|{text}\n", encoding)
    assert titles(path) == [text]


def test_one_line_that_is_not_utf_8_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("id,title\n1,Mädchen\n2,für\n".encode() + b"3,f\xfcr\n4,ok\n")
    assert titles(path) == ["Mädchen", "für", None, "ok"]


def test_an_xml_s_own_encoding_counts() -> None:
    text = '<?xml version="1.0" encoding="iso-8859-2"?><rss>ż</rss>'
    assert decode(text.encode("iso-8859-2"), Path("x")).endswith("ż</rss>")


def test_reads_compressed_files(tmp_path: Path) -> None:
    content = b"id,title\n1,Tee\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("feed.csv", content)
    assert titles(tmp_path / "a.csv.gz") == titles(tmp_path / "b.zip") == ["Tee"]
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(content * 99)[:-9])
    with pytest.raises(InputError, match="cannot be unpacked"):
        titles(tmp_path / "c.csv.gz")
    with zipfile.ZipFile(tmp_path / "d.xlsx", "w") as packed:
        packed.writestr("[Content_Types].xml", "")
    with pytest.raises(InputError, match="Save it as CSV"):
        titles(tmp_path / "d.xlsx")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Women&#39;s Tee &amp; Top", "Women's Tee & Top"),
        ("Women&amp;#39;s Tee &amp;amp; Top", "Women's Tee & Top"),
        ("<p>Soft&nbsp;cotton</p>", "Soft cotton"),
        ("&lt;p&gt;So<b>f</b>t&lt;br/&gt;warm&lt;/p&gt;", "Soft warm"),
        ("a<script>alert(1)</script>b <style>x", "ab"),
        ("R&D, H&M, 2 < 3 > 1, <3", "R&D, H&M, 2 < 3 > 1, <3"),
        ("Sale&copy 5", "Sale&copy 5"),
        (" a\u200bb\u00a0c\n\td ", "ab c d"),
    ],
)
def test_texts_show_as_people_read_them(text: str, shown: str) -> None:
    assert clean_text(text) == shown


def test_of_two_columns_that_mean_the_same_the_first_with_a_value_counts(tmp_path: Path) -> None:
    text = "id,title,EAN,UPC,additional_image_link,additional_image_link\n"
    text += "1,A,4,3,a.jpg,b.jpg\n2,B,,3,,\n"
    rows = [values for _, values in read_table(table(tmp_path / "f.csv", text), ("id",), COLUMNS)]
    assert [row["gtin"] for row in rows if isinstance(row, dict)] == ["4", "3"]
    first = rows[0]
    assert isinstance(first, dict)
    assert first["additional_image_link"] == "a.jpg,b.jpg"


@pytest.mark.parametrize("header", ["id,title,title", "id,g:id,title", "ID,title,Id"])
def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputError, match=r"line 1: the header has '(id|title)' twice"):
        list(read_table(table(tmp_path / "f.csv", f"{header}\n1,2,3\n"), ("id",), COLUMNS))
