"""Cameras and their calibration, as the API has them; for technicians."""

from __future__ import annotations

from typing import Final

from web.openapi.parts import (
    ANY_TEXT,
    DONE,
    NOTHING,
    TEXT,
    WORD,
    YES_NO,
    Schema,
    array,
    named,
    obj,
    one_of,
    operation,
    or_null,
    query,
)

_CAMERA: Final = {"name": "camera", "in": "path", "required": True, "schema": WORD}
_SOURCE: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 500}
_SECRET: Final[Schema] = {"type": "string", "maxLength": 200, "format": "password"}
_SHARE: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
_ANY: Final[Schema] = {"type": "number", "minimum": -1e5, "maximum": 1e5}


def _tuple(items: Schema, count: int) -> Schema:
    return {"type": "array", "items": items, "minItems": count, "maxItems": count}


_POINT: Final = _tuple(_SHARE, 2)
#: Where something is seen; a lens without distortion may show it outside.
_SEEN: Final = _tuple({"type": "number"}, 2)
_POLYGON: Final = {"type": "array", "items": _POINT, "minItems": 3, "maxItems": 64}
_MASKS: Final = {"type": "array", "items": _POLYGON, "maxItems": 64}
_GATE: Final = obj(
    {
        "name": TEXT,
        "from": _POINT,
        "to": _POINT,
        "in": one_of("left", "right", "up", "down"),
        "rooms": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 64},
    }
)
_STEP: Final = obj(
    {"name": WORD, "title": WORD, "needed": YES_NO, "done": YES_NO, "said": WORD, "warning": WORD}
)
_STATE: Final = obj(
    {
        "name": WORD,
        "source": {"type": "string", "description": "Without user, password or token."},
        "credentials": {"type": "boolean", "description": "Whether any are known."},
        "enabled": YES_NO,
        "steps": array(_STEP),
        "masks": _MASKS,
        "confirmed": or_null(WORD),
        "gates": array(_GATE),
        "has": array(one_of("lens", "floor", "colour")),
        "grid": array(array(_SEEN)),
        "versions": array(obj({"number": {"type": "integer"}, "saved_at": {"type": "number"}})),
        "account": or_null(WORD),
    }
)
_WALK: Final = obj(
    {
        "verdict": one_of("open", "pass", "fail"),
        "steps": array(obj({"asked": WORD, "passed": or_null(YES_NO), "said": WORD})),
    }
)
_BOX: Final = obj(
    {"kind": one_of("person", "garment"), "box": _tuple(_SHARE, 4), "metres": _SEEN}, "metres"
)
_LIVE: Final = obj(
    {
        "problem": WORD,
        "reshaped": YES_NO,
        "unclear": WORD,
        "boxes": array(_BOX),
        "picture": or_null({"type": "object"}),
        "board": {"type": "object"},
        "sheet": {"type": "object"},
        "walk": or_null(_WALK),
    },
    "unclear",
    "boxes",
    "picture",
    "board",
    "sheet",
    "walk",
)
_MEASURED: Final = obj({"at": _POINT, "metres": _tuple(_ANY, 2)})
_CARD: Final = named("Found")

#: By path and method.
OPERATIONS: Final[dict[str, dict[str, Schema]]] = {
    "/api/cameras": {
        "post": operation(
            "Add a camera; it is used once its masks are confirmed and it has a gate.",
            obj({"name": WORD}),
            body=obj(
                {"name": TEXT, "source": _SOURCE, "user": _SECRET, "password": _SECRET},
                "user",
                "password",
            ),
            made=True,
        )
    },
    "/api/cameras/{camera}": {
        "get": operation("How far its calibration is.", _STATE, _CAMERA),
        "delete": operation(
            "Remove it with its calibration, versions, user and password.", DONE, _CAMERA
        ),
    },
    "/api/cameras/{camera}/address": {
        "post": operation(
            "Change its address, user or password; what is left out stays. At another address its "
            "masks have to be confirmed anew.",
            obj({"source": WORD, "confirmed": YES_NO}),
            _CAMERA,
            body=obj(
                {"source": _SOURCE, "user": _SECRET, "password": _SECRET, "forget": YES_NO},
                "source",
                "user",
                "password",
                "forget",
            ),
        )
    },
    "/api/cameras/{camera}/name": {
        "post": operation(
            "Rename it; its calibration and its state go with it.",
            obj({"name": WORD}),
            _CAMERA,
            body=obj({"name": TEXT}),
        )
    },
    "/api/cameras/{camera}/enabled": {
        "post": operation(
            "Use it, or leave it alone: a disabled camera is not opened.",
            DONE,
            _CAMERA,
            body=obj({"enabled": YES_NO}),
        )
    },
    "/api/cameras/{camera}/live": {
        "get": operation(
            "What it sees now, as far as a step needs it. Opens it; it is let go when not asked.",
            _LIVE,
            _CAMERA,
            query("step", ANY_TEXT, "The step: picture, lens, floor, walk …"),
        )
    },
    "/api/cameras/{camera}/masks": {
        "post": operation(
            "Replace the masks; they have to be confirmed anew.",
            DONE,
            _CAMERA,
            body=obj({"masks": _MASKS}),
        )
    },
    "/api/cameras/{camera}/confirmation": {
        "post": operation(
            "Stand for the masks; who is logged in does so by their own name. `shown` is the "
            "header X-Masked-Picture of the preview that was looked at, with the same cookies; 409 "
            "where none was shown in the last ten minutes, or its masks are others now.",
            DONE,
            _CAMERA,
            body=obj({"by": TEXT, "shown": TEXT}),
        )
    },
    "/api/cameras/{camera}/shape": {
        "post": operation(
            "Set it up again for pictures of another shape: gates, lens, floor and picture check "
            "are taken out, the masks stay and have to be confirmed again.",
            DONE,
            _CAMERA,
            body=NOTHING,
        )
    },
    "/api/cameras/{camera}/picture": {
        "post": operation("Keep what its picture is like now.", DONE, _CAMERA, body=NOTHING)
    },
    "/api/cameras/{camera}/gates": {
        "post": operation(
            "Replace the gates; a person must be able to stand on both sides of each.",
            DONE,
            _CAMERA,
            body=obj({"gates": {"type": "array", "items": _GATE, "maxItems": 64}}),
        )
    },
    "/api/cameras/{camera}/lens": {
        "post": operation(
            "Take a view of the board, start anew, work out the lens, or forget it.",
            DONE,
            _CAMERA,
            body=obj({"act": one_of("view", "restart", "solve", "forget")}),
        )
    },
    "/api/cameras/{camera}/floor": {
        "post": operation(
            "Place the floor by measured points, or by the sheet lying on it.",
            DONE,
            _CAMERA,
            body={
                "oneOf": [
                    obj({"act": one_of("place", "restart", "solve", "forget")}),
                    obj({"points": {"type": "array", "items": _MEASURED, "maxItems": 64}}),
                ]
            },
        )
    },
    "/api/cameras/{camera}/colour": {
        "post": operation(
            "Correct its colours by what is held up now, or forget the correction.",
            {
                "oneOf": [
                    DONE,
                    obj({"before": {"type": "number"}, "after": {"type": "number"}}),
                ]
            },
            _CAMERA,
            body={
                "oneOf": [
                    obj({"by": one_of("chart"), "corners": _tuple(_POINT, 4)}, "corners"),
                    obj({"by": one_of("sheet"), "box": _tuple(_SHARE, 4)}),
                    obj({"by": one_of("nothing")}),
                ]
            },
        )
    },
    "/api/cameras/{camera}/walk": {
        "post": operation(
            "Start a walk test, or end it and keep its detections.",
            _WALK,
            _CAMERA,
            body=obj({"act": one_of("start", "stop")}),
        )
    },
    "/api/cameras/{camera}/enrolment": {
        "post": operation(
            "What is held up to it; with an SKU, add this view to its article.",
            obj({"now": array(_CARD), "uncorrected": or_null(array(_CARD))}),
            _CAMERA,
            body=obj({"sku": TEXT}, "sku"),
        )
    },
    "/api/cameras/{camera}/versions": {
        "post": operation(
            "Bring a kept version of its calibration back.",
            DONE,
            _CAMERA,
            body=obj({"number": {"type": "integer"}}),
        )
    },
}
