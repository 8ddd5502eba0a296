"""Reading tables: CSV as the usual programs write it, and XML feeds, row by row.

Delimiters are comma, semicolon, tab and pipe; texts are UTF-8, UTF-16 or one of the older
encodings; files may be compressed by gzip. A row that cannot be read becomes a `Problem` that
names line, column and reason, and costs no other row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.errors import InputError
from common.textfile import read_text_file

DELIMITERS: Final = (",", ";", "\t", "|")
#: Lines that one quoted field may go over.
_LONGEST_RECORD: Final = 2000
#: How a byte that is not UTF-8 was decoded.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_OTHER_NAMES: Final = {
    "colour": "color",
    "image": "image_link",
    "image_url": "image_link",
    "picture": "image_link",
    "additional_images": "additional_image_link",
    "additional_image_links": "additional_image_link",
    "group_id": "item_group_id",
    "itemgroup_id": "item_group_id",
    "ean": "gtin",
    "upc": "gtin",
    "barcode": "gtin",
    "saleprice": "sale_price",
}


#: Columns that a feed may have several times.
_LISTS: Final = ("additional_image_link",)


@dataclass(frozen=True)
class Problem:
    """A row or value that was not used, and why.

    `kind` is the reason in two or three words, the same for all rows that it concerns; `id` is
    the row's, as far as it could be read.
    """

    line: int
    column: str
    reason: str
    kind: str = "not usable"
    id: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        return f"line {self.line}, {self.column}: {self.reason}"

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "line": self.line, "id": self.id, "column": self.column, "kind": self.kind,
            "reason": self.reason,
        }  # fmt: skip


Values = dict[str, str]
Record = tuple[int, Values | Problem]


def read_table(path: Path, required: Sequence[str], known: Sequence[str]) -> Iterator[Record]:
    """Read a headed CSV file; yields (line number, values or problem).

    Args:
        path: The file.
        required: Columns that the header must have.
        known: All columns that mean something, to detect the delimiter by.

    Raises:
        InputError: The file cannot be read or its header lacks a required column.
    """
    return parse_table(read_text_file(path), path, required, known)


def parse_table(
    text: str, path: Path, required: Sequence[str], known: Sequence[str]
) -> Iterator[Record]:
    """Read a headed CSV from its text; `path` is for messages. See `read_table`."""
    lines = split_lines(text)
    first = next((n for n, line in enumerate(lines) if line.strip(" \t,;|")), 0)
    if lines and re.fullmatch(r"sep=.", lines[first].strip(" \r\"'"), re.IGNORECASE):
        first += 1
    delimiter, header = find_header(lines[first] if first < len(lines) else "", known)
    if missing := [name for name in required if name not in header]:
        found = ", ".join(header[:8])[:200] or "nothing"
        raise InputError(
            f"{path}, line {first + 1}: the header lacks {', '.join(missing)} (found: {found}). "
            f"Expected columns: {', '.join(known)}."
        )
    if required and (twice := _repeated(lines[first], delimiter, known)):
        raise InputError(
            f"{path}, line {first + 1}: the header has {twice!r} twice. Remove one of the columns."
        )
    yield from _records(lines, first + 1, delimiter, header)


def split_lines(text: str) -> list[str]:
    r"""Split at line feeds, carriage returns and both, and nowhere else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def column_name(text: str) -> str:
    """Return a column's name as Google's specification spells it: `Image link` is `image_link`."""
    name = _plain_name(text)
    return _OTHER_NAMES.get(name, name)


def _plain_name(text: str) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text.strip())
    return re.sub(r"[\s\-_]+", "_", name.lower().removeprefix("g:")).strip("_")


def find_header(line: str, known: Sequence[str]) -> tuple[str, list[str]]:
    """Detect a table's delimiter and columns from its first line."""
    best: tuple[int, int, str, list[str]] | None = None
    for delimiter in DELIMITERS:
        header = [column_name(name) for name in next(csv.reader([line], delimiter=delimiter), [])]
        score = len({*header} & {*known}), len(header), delimiter, header
        best = score if best is None or score[:2] > best[:2] else best
    assert best is not None
    return best[2], best[3]


def _repeated(line: str, delimiter: str, known: Sequence[str]) -> str:
    """Name a column that the header has twice under the same name, though it has one value."""
    names = [_plain_name(name) for name in next(csv.reader([line], delimiter=delimiter), [])]
    single = (name for name in names if column_name(name) in known and name not in _LISTS)
    return next((name for name in single if names.count(name) > 1), "")


def _records(lines: list[str], start: int, delimiter: str, header: list[str]) -> Iterator[Record]:
    at = start
    while at < len(lines):
        line = at + 1
        if not lines[at].strip(f" {delimiter}"):
            at += 1
            continue
        fields, taken = _next_record(lines, at, delimiter, len(header))
        at += taken
        if isinstance(fields, str):
            yield line, Problem(line, "row", fields, "row cannot be read")
        else:
            yield line, _paired(header, fields)


def _paired(header: list[str], fields: list[str]) -> Values:
    """Pair fields with their columns.

    Of columns that mean the same (`ean` and `upc`), the first with a value counts; those that hold
    a list are joined.
    """
    values: Values = {}
    for name, field in zip(header, fields, strict=False):
        field, earlier = field.strip(), values.get(name)
        if name in _LISTS and earlier and field:
            values[name] = f"{earlier},{field}"
        else:
            values[name] = earlier or field
    return values


def _next_record(
    lines: list[str], at: int, delimiter: str, width: int
) -> tuple[list[str] | str, int]:
    """Read the record that begins in a line; returns its fields or a reason, and its lines.

    A quote that is never closed costs no more than its own line: what the quotes of a whole
    record do not explain is read line by line, with quotes as text.
    """
    if _SURROGATE.search(lines[at]):
        return "has characters that are not UTF-8, unlike the rest of the file.", 1
    fields, taken = _quoted_record(lines, at, delimiter)
    if fields is not None and taken == 1:
        return _of_width(fields, width), 1
    plain = [_unquoted(field) for field in lines[at].split(delimiter)]
    if fields is not None and len(_trimmed(fields, width)) == width:
        swallowed = all(len(line.split(delimiter)) == width for line in lines[at : at + taken])
        if not swallowed:
            return _of_width(fields, width), taken
    if len(_trimmed(plain, width)) == width:
        return _of_width(plain, width), 1
    return "has a quote that is not closed, or is not quoted as CSV is.", 1


def _quoted_record(lines: list[str], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """Read a record as RFC 4180 has it; None where a quote stands in the wrong place."""
    last = at
    while last < len(lines) and last - at < _LONGEST_RECORD:
        piece = lines[last]
        # Only a quote can end what an earlier line has begun.
        if last == at or '"' in piece:
            source = [f"{line}\n" for line in lines[at:last]] + [piece]
            try:
                fields = next(csv.reader(source, delimiter=delimiter, strict=True), [])
                return fields, last - at + 1
            except csv.Error as error:
                if "unexpected end" not in str(error):
                    return None, 1
        last += 1
    return None, 1


def _unquoted(field: str) -> str:
    """Take the quotes off a field that is wholly quoted."""
    if re.fullmatch(r'\s*"(?:[^"]|"")*"\s*', field):
        return field.strip()[1:-1].replace('""', '"')
    return field


def _trimmed(fields: list[str], width: int) -> list[str]:
    """Drop empty fields beyond the header's, as some programs end each line with one."""
    while len(fields) > width and not fields[-1].strip():
        fields = fields[:-1]
    return fields


def _of_width(fields: list[str], width: int) -> list[str] | str:
    fitting = _trimmed(fields, width)
    if len(fitting) != width:
        return f"{len(fields)} fields where {width} stand in the header."
    return fitting
