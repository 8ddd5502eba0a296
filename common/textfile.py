"""Text files as other programs write them: compressed or not, in any usual encoding."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

import charset_normalizer

from common.errors import InputError

#: A file of more bytes than this, unpacked, is no feed of one shop.
_LARGEST: Final = 2 * 1024**3
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: What shops' programs write other than Unicode. Wider lists find exotic ones in short files.
_OLDER: Final = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030", "big5", "euc_kr",
]  # fmt: skip
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]*\sencoding=["']([A-Za-z0-9._-]+)["']""")
_ASKED: Final = 256 * 1024
#: € ‚ „ … ‘ ’ “ ” • – — ™ £ ¥ © ® ° and such, which alone say nothing of the language.
_WESTERN_SIGNS: Final = bytes.fromhex("808284859192939495969799a0a3a5a7a9abaeb0b2b4b7bbbcbdbe")
_SYMBOL_IN_WORD: Final = re.compile(r"[^\W\d_][\xa1-\xbf\xd7\xf7][^\W\d_]")


def read_text_file(path: Path) -> str:
    """Read a text file, unpacked and decoded.

    Lines that are not UTF-8 in a file that otherwise is are decoded with surrogates, which a
    reader of lines refuses one by one.

    Raises:
        InputError: It cannot be read, is damaged or no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    return decode(_unpack(data, path), path)


def _unpack(data: bytes, path: Path) -> bytes:
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(_LARGEST + 1)
        elif data[:4] == b"PK\x03\x04":
            data = _unzip(data, path)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError,
            RuntimeError) as error:  # fmt: skip
        raise InputError(f"{path}: cannot be unpacked ({error}); fetch it again.") from error
    if len(data) > _LARGEST:
        raise InputError(f"{path}: is larger than 2 GB unpacked, which is no feed of one shop.")
    return data


def _unzip(data: bytes, path: Path) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = [name for name in packed.namelist() if not name.startswith("__MACOSX/")]
        if "[Content_Types].xml" in names:
            raise InputError(f"{path}: is a spreadsheet. Save it as CSV (UTF-8), and import that.")
        files = [name for name in names if not name.endswith("/")]
        if len(files) != 1:
            raise InputError(f"{path}: holds {len(files)} files. Unpack it, and import one.")
        with packed.open(files[0]) as file:
            return file.read(_LARGEST + 1)


def decode(data: bytes, path: Path) -> str:
    """Decode a text of unknown encoding; see `read_text_file`."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding, path)
    if (wide := _utf_16_without_mark(data)) is not None:
        return _strictly(data, wide, path)
    if (declared := _DECLARED.match(data)) and _is_known(declared[1].decode()):
        return _strictly(data, declared[1].decode(), path)
    first = data.lstrip()[:4096].split(b"\n", 1)[0]
    if any(byte < 32 and byte not in b"\t\r\f" for byte in first):
        raise InputError(f"{path}: cannot be read (it is not text).")
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    if _mostly_utf_8(data):
        return data.decode(errors="surrogateescape")
    return _strictly(data, _older_encoding(data, path), path)


def _is_known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding
    except LookupError:
        return False


def _strictly(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read (it is not text in {encoding}).") from error


def _utf_16_without_mark(data: bytes) -> str | None:
    head = data[:400]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < 0.3 * len(head) or min(even, odd) > 0.05 * len(head):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _mostly_utf_8(data: bytes) -> bool:
    """Check whether more lines with letters beyond ASCII are UTF-8 than are not."""
    good = bad = 0
    for line in data.splitlines():
        if line.isascii():
            continue
        try:
            line.decode()
            good += 1
        except UnicodeDecodeError:
            bad += 1
    return good > bad


def _older_encoding(data: bytes, path: Path) -> str:
    """Guess an encoding; Western European where nothing speaks for another."""
    lines = [line for line in data[: 64 * _ASKED].splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_ASKED]
    if not sample.translate(None, bytes(range(128)) + _WESTERN_SIGNS):
        return "cp1252"
    found = charset_normalizer.from_bytes(sample, cp_isolation=_OLDER)
    if not found:
        raise InputError(f"{path}: cannot be read (it is not text). Save it as UTF-8.")
    best = found[0]
    latin = [name for name in ("cp1252", "cp1250", "cp1254") if _fits(data, name)]
    close = {m.encoding for match in found if match.chaos <= best.chaos + 0.02
             for m in (match, *match.submatch)}  # fmt: skip
    if close & {"cp1252", "cp1250", "cp1254"} and latin:
        broken = {
            name: len(_SYMBOL_IN_WORD.findall(sample.decode(name, "replace"))) for name in latin
        }
        return min(latin, key=lambda name: broken[name])
    return best.encoding


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
