"""Why an outfit was suggested, in the shop's languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.stylist import Reason

#: By language and kind; `{one}` is carried, `{other}` goes with it.
_TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "look": "Our stylists pair {one} with {other}",
        "tone": "{one} and {other}: tone in tone",
        "contrast": "{one} and {other}: light against dark",
        "accent": "A colour beside a neutral: {one} and {other}",
        "colours": "The colours of {one} and {other} suit each other",
        "style": "{other}: the cut and material that go with {one}",
    },
    "de": {
        "look": "Unsere Stylisten kombinieren {one} mit {other}",
        "tone": "{one} und {other}: Ton in Ton",
        "contrast": "{one} und {other}: Hell gegen Dunkel",
        "accent": "Farbe neben neutralem Ton: {one} und {other}",
        "colours": "{one} und {other} passen farblich zusammen",
        "style": "{other}: Schnitt und Material passen zu {one}",
    },
    "fr": {
        "look": "Nos stylistes associent {one} et {other}",
        "tone": "{one} et {other} : ton sur ton",
        "contrast": "{one} et {other} : clair contre foncé",
        "accent": "Une couleur près d’un neutre : {one} et {other}",
        "colours": "Les couleurs de {one} et {other} s’accordent",
        "style": "{other} : la coupe et la matière vont avec {one}",
    },
    "es": {
        "look": "Nuestros estilistas combinan {one} con {other}",
        "tone": "{one} y {other}: tono sobre tono",
        "contrast": "{one} y {other}: claro y oscuro",
        "accent": "Un color junto a un neutro: {one} y {other}",
        "colours": "Los colores de {one} y {other} combinan",
        "style": "{other}: el corte y el tejido van con {one}",
    },
    "zh": {
        "look": "我们的造型师将{one}与{other}搭配",
        "tone": "{one}与{other}：同色系",
        "contrast": "{one}与{other}：深浅对比",
        "accent": "中性色衬托一抹亮色：{one}与{other}",
        "colours": "{one}与{other}的颜色相衬",
        "style": "{other}：剪裁与质感适合{one}",
    },
    "ar": {
        "look": "ينسّق مصممونا {one} مع {other}",
        "tone": "{one} و{other}: تدرّج لوني واحد",
        "contrast": "{one} و{other}: فاتح مقابل داكن",
        "accent": "لون بجانب لون محايد: {one} و{other}",
        "colours": "ألوان {one} و{other} متناسقة",
        "style": "{other}: القصّة والخامة تناسبان {one}",
    },
}
LANGUAGES: Final = tuple(_TEXTS)


def say_why(
    reason: Reason, titles: Mapping[int, str], unknown: str = "", language: str = "en"
) -> str:
    """Put a reason into words.

    Args:
        reason: With colourway ids.
        titles: Of the colourways.
        unknown: How to call the carried garment that the shop does not know.
        language: One of `LANGUAGES`; English where it is another.
    """
    texts = _TEXTS.get(language, _TEXTS["en"])
    one = titles.get(reason.one, "") if reason.one is not None else unknown
    return texts[reason.kind].format(one=one, other=titles.get(reason.other, ""))
