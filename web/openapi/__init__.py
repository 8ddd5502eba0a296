"""The API as an OpenAPI 3.1 document, served at `/api/openapi.json`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from flask import Flask, Response, jsonify

from web.openapi import calibration, shop
from web.openapi.parts import SCHEMAS, Schema

#: By path and method.
OPERATIONS: Final[dict[str, dict[str, Schema]]] = shop.OPERATIONS | calibration.OPERATIONS


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
        "components": {"schemas": SCHEMAS},
    }


def add_openapi(app: Flask) -> None:
    """Serve the document."""

    @app.get("/api/openapi.json")
    def openapi() -> Response:
        return jsonify(document())
