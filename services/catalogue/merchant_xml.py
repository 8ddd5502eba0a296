"""Google Merchant feeds in XML: RSS 2.0, Atom, and plain lists of products."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from common.errors import InputError
from common.tables import Record, column_name

_GOOGLE: Final = "base.google.com"
_ITEMS: Final = frozenset({"item", "entry", "product"})
_LISTS: Final = frozenset({"rss", "channel", "feed", "products", "items", "catalog", "rdf"})
_PIECE: Final = 64 * 1024


def is_xml(text: str) -> bool:
    """Check whether a text is XML rather than a table."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def read_merchant_xml(text: str, path: Path) -> Iterator[Record]:
    """Read the items of a feed; yields (line number, values by Google's column names).

    Values of an element that stands there several times are joined by commas.

    Raises:
        InputError: It is not well-formed, declares entities, or is no list of products.
    """
    parser = make_parser()
    handler = _Items(parser)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    found = 0
    # The parser is given text that is decoded, whatever its first line says of an encoding.
    text = text.lstrip("\ufeff \t\r\n")
    try:
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
            found += len(handler.done)
            yield from handler.take()
        parser.close()
    except DefusedXmlException as error:
        raise InputError(f"{path}: declares entities, which no feed needs ({error}).") from error
    except SAXParseException as error:
        raise InputError(
            f"{path}, line {error.getLineNumber()}: is not well-formed XML ({error.getMessage()})."
        ) from error
    except (SAXException, ValueError) as error:
        raise InputError(f"{path}: cannot be read as XML ({error}).") from error
    if not found and handler.root.lower() not in _LISTS:
        raise InputError(
            f"{path}: is XML (<{handler.root}>), but no product feed: expected RSS or Atom with "
            "Google's elements (g:id, g:title, g:image_link …)."
        )


class _Items(ContentHandler):  # type: ignore[misc, unused-ignore]
    """Collects the children of each item; what lies deeper, such as shipping prices, is not its."""

    def __init__(self, place: Locator) -> None:
        super().__init__()
        self._place = place
        self.root = ""
        self.done: list[Record] = []
        self._path: list[str] = []
        self._inside = 0
        self._line = 0
        self._values: dict[str, list[tuple[int, str]]] = {}
        self._text: list[str] = []
        self._rank = 0

    def take(self) -> list[Record]:
        done, self.done = self.done, []
        return done

    def startElementNS(self, name: tuple[str | None, str], _qname: Any, attributes: Any) -> None:  # noqa: N802
        space, local = name
        self.root = self.root or local
        self._path.append(local)
        if not self._inside:
            if local.lower() in _ITEMS and len(self._path) > 1:
                self._inside, self._values = len(self._path), {}
                self._line = self._place.getLineNumber() or 0
        elif len(self._path) == self._inside + 1:
            self._text = []
            self._rank = 1 if _GOOGLE in (space or "") else 0
            link = attributes.get((None, "href"))
            if link and local == "link":
                self._text.append(link)

    def characters(self, content: str) -> None:
        if self._inside and len(self._path) == self._inside + 1:
            self._text.append(content)

    def endElementNS(self, name: tuple[str | None, str], _qname: Any) -> None:  # noqa: N802
        if self._inside and len(self._path) == self._inside + 1:
            value = "".join(self._text).strip()
            self._values.setdefault(column_name(name[1]), []).append((self._rank, value))
        elif self._inside and len(self._path) == self._inside:
            self.done.append((self._line, {k: _joined(v) for k, v in self._values.items()}))
            self._inside = 0
        self._path.pop()


def _joined(values: list[tuple[int, str]]) -> str:
    """Join an element's values; Google's own element comes before RSS's of the same name."""
    best = max(rank for rank, _ in values)
    return ",".join(dict.fromkeys(value for rank, value in values if rank == best and value))
