"""Rooms, staff, looks and doors, as the API has them."""

from __future__ import annotations

from typing import Final

from store.requests import REASONS
from web.openapi.parts import (
    ANY_TEXT,
    DONE,
    LOOK_STATES,
    MADE,
    NOTHING,
    NUMBER,
    ROOM,
    SKUS,
    TEXT,
    WORD,
    YES_NO,
    Schema,
    array,
    events,
    named,
    obj,
    one_of,
    operation,
    path_number,
    query,
)

#: By path and method.
OPERATIONS: Final[dict[str, dict[str, Schema]]] = {
    "/api/login": {
        "post": operation(
            "Log in; the answer sets a cookie and says where to go on: to the page `next` where "
            "the account may open it, else to its first.",
            obj({"status": one_of("ok"), "next": WORD}),
            body=obj({"name": TEXT, "secret": TEXT, "next": TEXT}, "next"),
        )
    },
    "/api/logout": {"post": operation("Log out.", DONE, body=NOTHING)},
    "/api/access": {"get": operation("Open logins and the newest events.", named("Access"))},
    "/api/logins/{number}/end": {
        "post": operation(
            "End a login, or all logins of its account.",
            obj({"ended": {"type": "integer"}}),
            path_number(),
            body=obj({"everywhere": YES_NO}),
        )
    },
    "/api/pairing": {
        "get": operation(
            "Whether this screen is paired, and whether its code is still valid.",
            obj({"paired": YES_NO, "valid": YES_NO}),
        )
    },
    "/api/screens": {
        "post": operation(
            "Pair the screen that shows a code.",
            obj({"room": WORD}),
            body=obj({"code": TEXT}),
        )
    },
    "/api/screens/{number}": {"delete": operation("Unpair a screen.", DONE, path_number())},
    "/api/rooms/{room}": {"get": operation("What the room's screen shows.", named("Room"), ROOM)},
    "/api/rooms/{room}/events": {
        "get": events(
            "Follow a room: `state` with the same document; `beat` in between, with `now` alone.",
            ROOM,
        )
    },
    "/api/rooms/{room}/items/{item}": {
        "post": operation(
            "Say that a garment is not hers, is after all, or which article it is: by the SKU of "
            "its card, or by its tag.",
            DONE,
            ROOM,
            path_number("item"),
            body={"oneOf": [obj({"mine": YES_NO}), obj({"sku": TEXT}), obj({"code": TEXT})]},
        )
    },
    "/api/rooms/{room}/scans": {
        "post": operation(
            "Add a garment by its tag: SKU, or GTIN in any form that scanners send.",
            MADE,
            ROOM,
            body=obj({"code": TEXT}),
            made=True,
        )
    },
    "/api/rooms/{room}/claims": {
        "post": operation(
            "Take garments that wait for one of several rooms, or say that they are not hers.",
            DONE,
            ROOM,
            body=obj({"visit": NUMBER, "mine": YES_NO}),
        )
    },
    "/api/rooms/{room}/leave": {"post": operation("End the visit.", DONE, ROOM, body=NOTHING)},
    "/api/rooms/{room}/requests": {
        "post": operation(
            "Ask for an article, perhaps in a size; without one, for a person.",
            MADE,
            ROOM,
            body=obj({"sku": TEXT, "size": ANY_TEXT}, "sku", "size"),
            made=True,
        )
    },
    "/api/rooms/{room}/list": {
        "post": operation(
            "Make the list to take along.",
            obj({"address": WORD, "qr": WORD}),
            ROOM,
            body=obj({"language": ANY_TEXT}, "language"),
            made=True,
        )
    },
    "/api/rooms/{room}/outfits": {
        "post": operation(
            "Note which outfits are on the screen, or what a shopper did with one.",
            DONE,
            ROOM,
            body={
                "oneOf": [
                    obj({"shown": array(TEXT)}),
                    obj({"outfit": TEXT, "kind": one_of("opened", "dropped")}),
                ]
            },
        )
    },
    "/api/staff": {"get": operation("What the staff's page shows.", named("Staff"))},
    "/api/staff/events": {"get": events("Follow all rooms.")},
    "/api/requests/{number}": {
        "post": operation(
            "Take, answer, decline or end a request; a declined one may have a reason.",
            DONE,
            path_number(),
            body=obj(
                {
                    "state": one_of("taken", "answered", "done", "declined", "cancelled"),
                    "answer": ANY_TEXT,
                    "reason": one_of("", *REASONS),
                },
                "answer",
                "reason",
            ),
        )
    },
    "/api/left/check": {
        "post": operation(
            "Note that staff checked for garments that were not seen coming out; answers how many "
            "of them were still to be checked for.",
            obj({"checked": {"type": "integer", "minimum": 0}}),
            body=obj({"items": array(NUMBER) | {"minItems": 1, "maxItems": 1000}}),
        )
    },
    "/api/looks": {
        "get": operation(
            "A page of the look book.",
            obj({"total": {"type": "integer"}, "looks": array(named("Look"))}),
            query("tab", one_of("new", "kept", "stylists", "dropped"), "Which looks."),
            query("start", {"type": "integer", "minimum": 0}, "Looks to leave out before."),
        ),
        "post": operation(
            "Write a look.",
            MADE,
            body=obj({"skus": SKUS, "title": ANY_TEXT}, "title"),
            made=True,
        ),
    },
    "/api/looks/{number}": {
        "post": operation(
            "Keep, drop or change a look.",
            DONE,
            path_number(),
            body={
                "oneOf": [
                    obj({"state": LOOK_STATES}),
                    obj({"skus": SKUS, "title": ANY_TEXT}, "title"),
                ]
            },
        )
    },
    "/api/articles": {
        "get": operation(
            "Find articles by words or a tag, or what goes with some. Give `q` or `beside`.",
            obj({"articles": array(named("Article"))}),
            query("q", ANY_TEXT, "Words, a SKU or a GTIN; `variant` says which a tag names."),
            query("beside", array(TEXT), "SKUs."),
        )
    },
    "/api/openapi.json": {"get": operation("This document.", {"type": "object"})},
}
