"""Decode codes that a scanner typed with another keyboard layout.

A scanner presses keys, it sends no text. One that is set to the US layout, as most are
delivered, on a machine with a German one presses the key of `-`, and the page receives `ß`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_US: Final = "".join(
    (
        "1234567890-=", "!@#$%^&*()_+",
        "qwertyuiop[]", "QWERTYUIOP{}",
        "asdfghjkl;'\\", 'ASDFGHJKL:"|',
        "zxcvbnm,./", "ZXCVBNM<>?",
    )
)  # fmt: skip
#: The same keys; dead ones, which type nothing by themselves, stand as a space.
_OTHERS: Final = {
    "German": "".join(
        (
            "1234567890ß ", '!"§$%&/()=? ',
            "qwertzuiopü+", "QWERTZUIOPÜ*",
            "asdfghjklöä#", "ASDFGHJKLÖÄ'",
            "yxcvbnm,.-", "YXCVBNM;:_",
        )
    ),
    "Swiss": "".join(
        (
            "1234567890' ", '+"*ç%&/()=? ',
            "qwertzuiopü ", "QWERTZUIOPè!",
            "asdfghjklöä$", "ASDFGHJKLéà£",
            "yxcvbnm,.-", "YXCVBNM;:_",
        )
    ),
    "French": "".join(
        (
            "&é\"'(-è_çà)=", "1234567890°+",
            "azertyuiop $", "AZERTYUIOP £",
            "qsdfghjklmù*", "QSDFGHJKLM%µ",
            "wxcvbn,;:!", "WXCVBN?./§",
        )
    ),
    "Spanish": "".join(
        (
            "1234567890'¡", '!"·$%&/()=?¿',
            "qwertyuiop +", "QWERTYUIOP *",
            "asdfghjklñ ç", "ASDFGHJKLÑ Ç",
            "zxcvbnm,.-", "ZXCVBNM;:_",
        )
    ),
    "Italian": "".join(
        (
            "1234567890'ì", '!"£$%&/()=?^',
            "qwertyuiopè+", "QWERTYUIOPé*",
            "asdfghjklòàù", "ASDFGHJKLç°§",
            "zxcvbnm,.-", "ZXCVBNM;:_",
        )
    ),
}  # fmt: skip


def _table(typed: str, meant: str) -> dict[int, str]:
    pairs = zip(typed, meant, strict=True)
    return {ord(key): text for key, text in pairs if " " not in (key, text)}


_TABLES: Final = tuple(
    _table(*pair) for layout in _OTHERS.values() for pair in ((layout, _US), (_US, layout))
)


def as_other_layouts(typed: str) -> Iterator[str]:
    """Yield the distinct codes that a typed code may stand for.

    A scanner with the US layout on a machine with another one is taken into account, and the
    reverse; the layouts are German, Swiss, French, Spanish and Italian.
    """
    known = {typed}
    for table in _TABLES:
        meant = typed.translate(table)
        if meant not in known:
            known.add(meant)
            yield meant
