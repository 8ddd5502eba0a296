"""The API as an OpenAPI 3.1 document, served at `/api/openapi.json`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from flask import Flask, Response, jsonify

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
_ANY_TEXT: Final[Schema] = {"type": "string", "maxLength": 200}
_WORD: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_YES_NO: Final[Schema] = {"type": "boolean"}


def _object(properties: dict[str, Any], *optional: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(*names: str) -> Schema:
    return {"type": "string", "enum": list(names)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_SIZE: Final = _object({"size": _WORD, "available": _YES_NO})
_COLOUR: Final = _object(
    {"sku": _WORD, "colour": _WORD, "picture": _WORD, "available": _YES_NO, "sizes": _list(_SIZE)}
)
_ARTICLE: Final = {
    "sku": _WORD,
    "title": _WORD,
    "brand": _WORD,
    "category": _WORD,
    "colour": _WORD,
    "price": _or_null(_object({"amount": {"type": "number"}, "currency": _WORD, "from": _YES_NO})),
    "picture": {"type": "string", "description": "Path on this server; empty without a picture."},
    "sizes": _list(_SIZE),
    "colours": _list(_COLOUR),
    "carried": _YES_NO,
}
_WHY: Final = _object({"text": _WORD, "one": _or_null(_WORD), "category": _WORD, "other": _WORD})
_THING: Final = {
    name: _ARTICLE[name]
    for name in ("sku", "title", "brand", "category", "colour", "price", "picture")
}

_SCHEMAS: Final[dict[str, Schema]] = {
    "Error": _object({"error": _object({"status": {"type": "integer"}, "message": _WORD})}),
    "Done": _object({"status": {"const": "ok"}}),
    "Made": _object({"id": {"type": "integer"}}),
    "Article": _object(_ARTICLE, "sizes", "colours", "carried"),
    "Item": _object(
        {
            "id": {"type": "integer"},
            "category": _WORD,
            "state": _one_of("in", "not_mine"),
            "article": _or_null(_named("Article")),
            "candidates": _list(_named("Article")),
        }
    ),
    "Outfit": _object(
        {
            "id": _WORD,
            "source": _WORD,
            "pieces": _list(_named("Article")),
            "item": {"type": "integer"},
            "why": _WHY,
        }
    ),
    "Request": _object(
        {
            "id": {"type": "integer"},
            "kind": _one_of("person", "article"),
            "state": _one_of("open", "taken", "answered", "done", "cancelled"),
            "size": _WORD,
            "answer": _WORD,
            "room": _WORD,
            "opened_at": {"type": "number", "description": "Seconds since the epoch."},
            "taken_by": _WORD,
            "article": _or_null(_named("Article")),
        }
    ),
    "Room": _object(
        {
            "version": {"type": "integer", "description": "The journal id it is up to date with."},
            "room": _WORD,
            "shop": _WORD,
            "visit": _or_null({"type": "integer"}),
            "items": _list(_named("Item")),
            "outfits": _list(_named("Outfit")),
            "similar": _list(_named("Article")),
            "requests": _list(_named("Request")),
            "looks": _list(
                _object({"id": {"type": "integer"}, "pieces": _list(_named("Article"))})
            ),
        }
    ),
    "Thing": _object(
        _THING | {"id": {"type": "integer"}, "candidates": _list(_named("Article"))},
        "sku", "brand", "price", "id", "candidates",
    ),
    "Staff": _object(
        {
            "version": {"type": "integer"},
            "shop": _WORD,
            "rooms": _list(
                _object(
                    {
                        "room": _WORD,
                        "occupied": _YES_NO,
                        "since": _or_null({"type": "number"}),
                        "items": _list(_named("Thing")),
                    }
                )
            ),
            "requests": _list(_named("Request")),
            "cameras": _list(_object({"camera": _WORD, "state": _WORD, "problem": _WORD})),
            "target_s": {"type": "number"},
            "left": _list(
                _object({"id": {"type": "integer"}, "room": _WORD, "article": _named("Thing")})
            ),
        }
    ),
    "Look": _object(
        {
            "id": {"type": "integer"},
            "title": _WORD,
            "origin": _WORD,
            "state": _WORD,
            "pieces": _list(_named("Article")),
        }
    ),
}  # fmt: skip

_ROOM: Final = {"name": "room", "in": "path", "required": True, "schema": _WORD}
_SKUS: Final = {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 12}
_LOOK_STATES: Final = _one_of("open", "kept", "dropped")


def _query(name: str, schema: Schema, about: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": about}


def _path_number(name: str = "number") -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": _NUMBER}


def _operation(
    about: str,
    answer: Schema,
    *parameters: Schema,
    body: Schema | None = None,
    made: bool = False,
) -> Schema:
    refused = {
        "description": "Refused; the message says why and what to do.",
        "content": {"application/json": {"schema": _named("Error")}},
    }
    operation: Schema = {
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
        operation["parameters"] = list(parameters)
    if body is not None:
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _events(about: str, *parameters: Schema) -> Schema:
    operation = _operation(about, {}, *parameters)
    operation["responses"]["200"]["content"] = {"text/event-stream": {"schema": _WORD}}
    operation["parameters"] = [
        *parameters,
        {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer", "minimum": 0}},
    ]
    return operation


_NOTHING: Final = _object({})
_DONE: Final = _named("Done")
_MADE: Final = _named("Made")

#: By path and method, as Flask writes paths.
OPERATIONS: Final[dict[str, dict[str, Schema]]] = {
    "/api/login": {
        "post": _operation(
            "Log in; the answer sets a cookie.",
            _DONE,
            body=_object({"name": _TEXT, "secret": _TEXT}),
        )
    },
    "/api/logout": {"post": _operation("Log out.", _DONE, body=_NOTHING)},
    "/api/pairing": {
        "get": _operation(
            "Whether this screen was let in, and whether its code still counts.",
            _object({"paired": _YES_NO, "valid": _YES_NO}),
        )
    },
    "/api/screens": {
        "post": _operation(
            "Let the screen in that shows a code.",
            _object({"room": _WORD}),
            body=_object({"code": _TEXT}),
        )
    },
    "/api/screens/{number}": {"delete": _operation("Shut a screen out.", _DONE, _path_number())},
    "/api/rooms/{room}": {
        "get": _operation("What the room's screen shows.", _named("Room"), _ROOM)
    },
    "/api/rooms/{room}/events": {
        "get": _events("Follow a room: `state` with the same document, `beat` in between.", _ROOM)
    },
    "/api/rooms/{room}/items/{item}": {
        "post": _operation(
            "Say that a garment is not hers, is after all, or which article it is.",
            _DONE,
            _ROOM,
            _path_number("item"),
            body={"oneOf": [_object({"mine": _YES_NO}), _object({"sku": _TEXT})]},
        )
    },
    "/api/rooms/{room}/scans": {
        "post": _operation(
            "Add a garment by its tag: SKU or GTIN.",
            _MADE,
            _ROOM,
            body=_object({"code": _TEXT}),
            made=True,
        )
    },
    "/api/rooms/{room}/leave": {"post": _operation("End the visit.", _DONE, _ROOM, body=_NOTHING)},
    "/api/rooms/{room}/requests": {
        "post": _operation(
            "Ask for an article, perhaps in a size; without one, for a person.",
            _MADE,
            _ROOM,
            body=_object({"sku": _TEXT, "size": _ANY_TEXT}, "sku", "size"),
            made=True,
        )
    },
    "/api/rooms/{room}/list": {
        "post": _operation(
            "Make the list to take along.",
            _object({"address": _WORD, "qr": _WORD}),
            _ROOM,
            body=_object({"language": _ANY_TEXT}, "language"),
            made=True,
        )
    },
    "/api/rooms/{room}/outfits": {
        "post": _operation(
            "Note which outfits are on the screen, or what a shopper did with one.",
            _DONE,
            _ROOM,
            body={
                "oneOf": [
                    _object({"shown": _list(_TEXT)}),
                    _object({"outfit": _TEXT, "kind": _one_of("opened", "dropped")}),
                ]
            },
        )
    },
    "/api/staff": {"get": _operation("What the staff's page shows.", _named("Staff"))},
    "/api/staff/events": {"get": _events("Follow all rooms.")},
    "/api/requests/{number}": {
        "post": _operation(
            "Take, answer or end a request.",
            _DONE,
            _path_number(),
            body=_object(
                {"state": _one_of("taken", "answered", "done", "cancelled"), "answer": _ANY_TEXT},
                "answer",
            ),
        )
    },
    "/api/items/{number}/clear": {
        "post": _operation(
            "Note that staff looked for what did not come out.",
            _DONE,
            _path_number(),
            body=_NOTHING,
        )
    },
    "/api/looks": {
        "get": _operation(
            "A page of the look book.",
            _object({"total": {"type": "integer"}, "looks": _list(_named("Look"))}),
            _query("tab", _one_of("new", "kept", "stylists", "dropped"), "Which looks."),
            _query("start", {"type": "integer", "minimum": 0}, "Looks to leave out before."),
        ),
        "post": _operation(
            "Write a look.",
            _MADE,
            body=_object({"skus": _SKUS, "title": _ANY_TEXT}, "title"),
            made=True,
        ),
    },
    "/api/looks/{number}": {
        "post": _operation(
            "Keep, drop or change a look.",
            _DONE,
            _path_number(),
            body={
                "oneOf": [
                    _object({"state": _LOOK_STATES}),
                    _object({"skus": _SKUS, "title": _ANY_TEXT}, "title"),
                ]
            },
        )
    },
    "/api/articles": {
        "get": _operation(
            "Find articles by words or SKU, or what goes with some. Give `q` or `beside`.",
            _object({"articles": _list(_named("Article"))}),
            _query("q", _ANY_TEXT, "Words or a SKU."),
            _query("beside", _list(_TEXT), "SKUs."),
        )
    },
    "/api/openapi.json": {"get": _operation("This document.", {"type": "object"})},
}


def document() -> Schema:
    """Build the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fittingroom",
            "version": version("fittingroom"),
            "description": "Log in, or pair a screen; the cookie says who asks. An unsafe request "
            "carries JSON, and comes from the server's own pages or from no page at all.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "paths": OPERATIONS,
        "components": {"schemas": _SCHEMAS},
    }


def add_openapi(app: Flask) -> None:
    """Serve the document."""

    @app.get("/api/openapi.json")
    def openapi() -> Response:
        return jsonify(document())
