"""The API as an OpenAPI 3.1 document, served at `/api/openapi.json`."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, jsonify

from web.api import TAGS, operation, spec
from web.permissions import EVERYBODY, SCREEN, allow, allowed_groups
from web.schemas.base import AnyObject, Query

Document = dict[str, Any]

#: Spectree leaves out views whose names begin with `openapi`.
openapi = Blueprint("document", __name__)

_ARGUMENT: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_LICENSE: Final = {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}
#: Spectree's writing of the document is not made for two threads.
_writing: Final = threading.Lock()


@openapi.get("/api/openapi.json")
@allow(EVERYBODY)
@operation("server", AnyObject)
def get_openapi() -> Response:
    """Return this document."""
    return jsonify(document(current_app))


def document(app: Flask) -> Document:
    """Write the OpenAPI document of an application."""
    with app.app_context(), _writing:
        written: Document = copy.deepcopy(spec.spec)
    written["info"]["license"] = _LICENSE
    written.pop("security", None)
    for parameters in Query.__subclasses__():  # they stand at the operations
        written["components"]["schemas"].pop(parameters.__name__, None)
    for described, view in _operations(app, written):
        groups = allowed_groups(view)
        described["security"] = _security(groups)
        described["x-allowed"] = list(groups)
        if getattr(view, "is_stream", False):
            content = {"text/event-stream": {"schema": {"type": "string"}}}
            described["responses"]["200"] = {"description": "Events.", "content": content}
        for parameter in described["parameters"]:
            parameter["schema"].pop("description", None)
        if not described["description"]:
            del described["description"]
    _sort(written)
    return written


def _sort(written: Document) -> None:
    """Put tags and paths in the order of `TAGS`, whichever modules they come from."""
    order = {name: number for number, name in enumerate(TAGS)}
    written["tags"].sort(key=lambda tag: order[tag["name"]])
    first = {path: next(iter(methods.values())) for path, methods in written["paths"].items()}
    by_tag = sorted(first, key=lambda path: order[first[path]["tags"][0]])
    written["paths"] = {path: written["paths"][path] for path in by_tag}


def _operations(app: Flask, written: Document) -> Iterator[tuple[Document, Callable[..., Any]]]:
    """Go through the operations, each with its view."""
    for rule in app.url_map.iter_rules():
        path = _ARGUMENT.sub(r"{\1}", rule.rule)
        for method in rule.methods or ():
            if described := written["paths"].get(path, {}).get(method.lower()):
                yield described, app.view_functions[rule.endpoint]


def _security(groups: tuple[str, ...]) -> list[dict[str, list[str]]]:
    if EVERYBODY in groups:
        return []
    login: list[dict[str, list[str]]] = [{"login": []}]
    return [*login, {"screen": []}] if SCREEN in groups else login
