"""What the API's description is made of: schemas, parameters, operations."""

from __future__ import annotations

from typing import Any, Final

from store.cameras import STATES
from store.requests import REASONS

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
ANY_TEXT: Final[Schema] = {"type": "string", "maxLength": 200}
WORD: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
YES_NO: Final[Schema] = {"type": "boolean"}


def obj(properties: dict[str, Any], *optional: str) -> Schema:
    """Describe an object; properties named after it may be left out."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def array(items: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items}


def one_of(*names: str) -> Schema:
    """Describe a text that is one of these."""
    return {"type": "string", "enum": list(names)}


def or_null(schema: Schema) -> Schema:
    """Describe what may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def named(name: str) -> Schema:
    """Refer to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


_SIZE: Final = obj({"size": WORD, "available": YES_NO})
_COLOUR: Final = obj(
    {"sku": WORD, "colour": WORD, "picture": WORD, "available": YES_NO, "sizes": array(_SIZE)}
)
_PRICE: Final = or_null(obj({"amount": {"type": "number"}, "currency": WORD, "from": YES_NO}))
_ARTICLE: Final = {
    "sku": {"type": "string", "description": "Names the colourway; it is that of its first size."},
    "style": {"type": "string", "description": "The number of the style, without a size."},
    "title": WORD,
    "brand": WORD,
    "category": WORD,
    "colour": WORD,
    "price": _PRICE,
    "picture": {"type": "string", "description": "Path on this server; empty without a picture."},
    "sizes": array(_SIZE),
    "colours": array(_COLOUR),
    "carried": YES_NO,
}
_WHY: Final = obj({"text": WORD, "one": or_null(WORD), "category": WORD, "other": WORD})
_CARD: Final = {
    name: _ARTICLE[name]
    for name in ("sku", "style", "title", "brand", "category", "colour", "price", "picture")
}
_NOW: Final = {"type": "number", "description": "The server's time, seconds since the epoch."}
_CERTAIN: Final = {
    "type": "boolean",
    "description": "False where no category of an unknown garment is clearly ahead of the others.",
}
_THING: Final = _CARD | {"variant": or_null(named("Variant"))}

SCHEMAS: Final[dict[str, Schema]] = {
    "Error": obj({"error": obj({"status": {"type": "integer"}, "message": WORD})}),
    "Done": obj({"status": {"const": "ok"}}),
    "Made": obj({"id": {"type": "integer"}}),
    "Article": obj(
        _ARTICLE | {"variant": named("Variant")}, "sizes", "colours", "carried", "variant"
    ),
    "Variant": obj(
        {
            "sku": WORD,
            "size": {"type": "string", "description": "Empty where it comes in one size."},
            "price": _PRICE,
            "shelf": {"type": "string", "description": "Where it lies; empty if not known."},
        }
    ),
    "Item": obj(
        {
            "id": {"type": "integer"},
            "category": WORD,
            "category_certain": _CERTAIN,
            "state": one_of("in", "not_mine"),
            "article": or_null(named("Article")),
            "variant": or_null(named("Variant")),
            "candidates": array(named("Article")),
        }
    ),
    "Outfit": obj(
        {
            "id": WORD,
            "source": WORD,
            "pieces": array(named("Article")),
            "item": {"type": "integer"},
            "why": _WHY,
        }
    ),
    "Request": obj(
        {
            "id": {"type": "integer"},
            "kind": one_of("person", "article"),
            "state": one_of("open", "taken", "answered", "done", "declined", "cancelled"),
            "size": WORD,
            "answer": WORD,
            "reason": one_of("", *REASONS),
            "room": WORD,
            "opened_at": {"type": "number", "description": "Seconds since the epoch."},
            "taken_by": WORD,
            "shelf": {"type": "string", "description": "Where it lies; empty if not known."},
            "article": or_null(named("Article")),
            "variant": or_null(named("Variant")),
            "alternatives": {
                "description": "In stock, to ask for instead of a declined one; on screens only.",
                **array(
                    obj(
                        {
                            "kind": one_of("colour", "size", "similar"),
                            "size": WORD,
                            "article": named("Article"),
                        }
                    )
                ),
            },
        },
        "alternatives",
    ),
    "Room": obj(
        {
            "now": _NOW,
            "version": {"type": "integer", "description": "The journal id it is up to date with."},
            "room": WORD,
            "shop": WORD,
            "visit": or_null({"type": "integer"}),
            "items": array(named("Item")),
            "outfits": array(named("Outfit")),
            "similar": array(named("Article")),
            "requests": array(named("Request")),
            "waiting": array(
                obj({"visit": {"type": "integer"}, "garments": array(named("Thing"))})
            ),
            "looks": array(
                obj({"id": {"type": "integer"}, "pieces": array(named("Article"))})
            ),
        }
    ),
    "Thing": obj(
        _THING
        | {
            "category_certain": _CERTAIN,
            "id": {"type": "integer"},
            "candidates": array(named("Article")),
        },
        "sku", "style", "brand", "price", "category_certain", "id", "candidates",
    ),
    "Staff": obj(
        {
            "now": _NOW,
            "version": {"type": "integer"},
            "shop": WORD,
            "rooms": array(
                obj(
                    {
                        "room": WORD,
                        "occupied": YES_NO,
                        "since": or_null({"type": "number"}),
                        "items": array(named("Thing")),
                    }
                )
            ),
            "requests": array(named("Request")),
            "cameras": array(named("Camera")),
            "target_s": {"type": "number"},
            "left": array(
                obj(
                    {
                        "room": WORD,
                        "items": array(
                            obj(
                                {
                                    "id": {"type": "integer"},
                                    "visit": {"type": "integer"},
                                    "opened_at": {"type": "number"},
                                    "closed_at": {"type": "number"},
                                    "article": named("Thing"),
                                }
                            )
                        ),
                    }
                )
            ),
            "left_more": {
                "type": "integer",
                "minimum": 0,
                "description": "How many more were not seen coming out; only the newest are in it.",
            },
        }
    ),
    "Access": obj(
        {
            "logins": array(
                obj(
                    {
                        "id": {"type": "integer"},
                        "account": WORD,
                        "role": WORD,
                        "device": WORD,
                        "address": WORD,
                        "since": {"type": "number"},
                        "seen_at": {"type": "number"},
                        "this": {"type": "boolean", "description": "The one that asks."},
                    }
                )
            ),
            "events": array(
                obj(
                    {
                        "id": {"type": "integer"},
                        "time": {"type": "number"},
                        "event": WORD,
                        "outcome": WORD,
                        "account": WORD,
                        "address": WORD,
                        "device": WORD,
                    }
                )
            ),
        }
    ),
    "Camera": obj(
        {
            "camera": WORD,
            "state": one_of(*STATES),
            "cause": {"type": "string", "description": "Why, in a word; empty if not known."},
            "problem": {"type": "string", "description": "What happened and what to do."},
            "ok": {"type": "boolean", "description": "Whether nobody has to do anything."},
            "since": or_null({"type": "number", "description": "Seconds since the epoch."}),
            "heartbeat_age": or_null({"type": "number", "description": "In seconds."}),
            "frame_age": or_null({"type": "number", "description": "In seconds."}),
            "fps": or_null({"type": "number", "description": "Frames a second, lately."}),
        }
    ),
    "Found": obj(_CARD | {"score": {"type": "number"}}),
    "Look": obj(
        {
            "id": {"type": "integer"},
            "title": WORD,
            "origin": WORD,
            "state": WORD,
            "pieces": array(named("Article")),
        }
    ),
}  # fmt: skip

ROOM: Final = {"name": "room", "in": "path", "required": True, "schema": WORD}
SKUS: Final = {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 12}
LOOK_STATES: Final = one_of("open", "kept", "dropped")


def query(name: str, schema: Schema, about: str) -> Schema:
    """Describe a parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, "description": about}


def path_number(name: str = "number") -> Schema:
    """Describe a number in the path."""
    return {"name": name, "in": "path", "required": True, "schema": NUMBER}


def operation(
    about: str,
    answer: Schema,
    *parameters: Schema,
    body: Schema | None = None,
    made: bool = False,
) -> Schema:
    """Describe an operation that takes and answers JSON."""
    refused = {
        "description": "Refused; the message says why and what to do.",
        "content": {"application/json": {"schema": named("Error")}},
    }
    described: Schema = {
        "summary": about,
        "responses": {
            "201" if made else "200": {
                "description": "As asked.",
                "content": {"application/json": {"schema": answer}},
            },
            "4XX": refused,
            "5XX": refused,
        },
    }
    if parameters:
        described["parameters"] = list(parameters)
    if body is not None:
        content = {"application/json": {"schema": body}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def events(about: str, *parameters: Schema) -> Schema:
    """Describe a stream of events."""
    described = operation(about, {}, *parameters)
    described["responses"]["200"]["content"] = {"text/event-stream": {"schema": WORD}}
    described["parameters"] = [
        *parameters,
        {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer", "minimum": 0}},
    ]
    return described


NOTHING: Final = obj({})
DONE: Final = named("Done")
MADE: Final = named("Made")
