"""`/healthz`: whether the shop works, in one word for machines and in parts for technicians."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from store import journal
from store.errors import DATABASE_ERRORS
from web.access import role_of_caller
from web.context import current
from web.permissions import EVERYBODY, TECHNICIAN, allow

healthz = Blueprint("healthz", __name__)


@healthz.get("/healthz")
@allow(EVERYBODY)
def get_health() -> tuple[Response, int]:
    """Answer 200 as long as the shop can work, 503 where it cannot."""
    found = current.health.read()
    answer = _without_details(found)
    try:
        with current.site.store.read() as session:
            answer["journal"] = journal.last_id(session)
        if current.site.settings.web.open or role_of_caller() == TECHNICIAN:
            answer["details"] = found["parts"]
    except DATABASE_ERRORS:
        answer["journal"] = None
    return jsonify(answer), 503 if found["status"] == "failing" else 200


def _without_details(found: dict[str, Any]) -> dict[str, Any]:
    """Leave what strangers may know: words and counts, no names, addresses or paths."""
    cameras = found["parts"]["cameras"]
    return {
        "status": found["status"],
        "parts": {name: part["status"] for name, part in found["parts"].items()},
        "cameras": {key: cameras[key] for key in ("running", "trouble")},
    }
