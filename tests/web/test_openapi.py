"""The API's description: complete, and true under whatever a program may send."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from pydantic import BaseModel, ValidationError
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.generation import GenerationMode

from calibration import load_camera, save_camera
from store import Site, access, looks, requests, visits
from tests.crossings import cross, garment
from web.api import describe
from web.app import create_app, describe_api
from web.permissions import SCREEN
from web.schemas.calibration import SetMasks
from web.schemas.rooms import ChangeItem
from web.schemas.staff import ChangeRequest

DOCUMENT = describe_api()

CHECKS: Any = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture
def app(shop: Site) -> Iterator[Flask]:
    cross(shop, time.time(), "entry", garment("T1-S"), garment(None, "dress", ("K1",)))
    with shop.store.write() as session:
        requests.ask_person(session, visits.require_visit(session, "1"), time.time())
        looks.write_look(session, [1, 2], "", time.time())
        _, code = access.ask_for_room(session, "1", time.time())
        access.pair_screen(session, code, "Anna", time.time())
    door = load_camera(shop.folder, "door")
    save_camera(shop.folder, door.confirm_masks("Anna", "2026-05-31", 1280, 720))  # keeps version 1
    app = create_app(shop)
    for limiter in app.extensions["limiter"]:
        limiter.enabled = False
    yield app
    app.extensions["calibration"].stop()


def test_every_address_of_the_api_is_described(app: Flask) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "DELETE"}
        if rule.rule.startswith("/api/")
    }
    described = {(path, method) for path, some in DOCUMENT["paths"].items() for method in some}
    assert served == described


def test_the_document_is_served(app: Flask) -> None:
    assert app.test_client().get("/api/openapi.json").get_json() == DOCUMENT


def test_every_operation_has_a_name_a_tag_and_words() -> None:
    operations = [one for some in DOCUMENT["paths"].values() for one in some.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for one in operations:
        assert re.fullmatch("[a-z]+(_[a-z]+)+", one["operationId"])
        assert len(one["tags"]) == 1
        assert set(one["tags"]) <= tags
        assert one["summary"].endswith(".")
        assert all(parameter["description"] for parameter in one["parameters"])


def test_security_is_what_the_views_allow() -> None:
    paths = DOCUMENT["paths"]
    assert paths["/api/login"]["post"]["security"] == []
    assert paths["/api/staff"]["get"]["security"] == [{"login": []}]
    room = paths["/api/rooms/{room}"]["get"]
    assert room["security"] == [{"login": []}, {"screen": []}]
    assert room["x-allowed"] == ["staff", "technician", SCREEN]
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"login", "screen"}


def test_every_schema_that_is_named_is_there_and_used() -> None:
    text = json.dumps(DOCUMENT)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named == set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize(
    ("schema", "sent", "said"),
    [
        (ChangeItem, {}, "'mine' is missing."),
        (ChangeItem, {"code": ""}, "'code': String should have at least 1 character."),
        (ChangeItem, {"code": "1", "x": 1}, "There is no field 'x' here."),
        (ChangeRequest, {"state": "taken", "reason": "other"},
         "Only a declined request has a 'reason'."),
        (SetMasks, {"masks": [[[0, 0], [1, 0], [1, 2]]]},
         "'masks[0][2][1]': Input should be less than or equal to 1."),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(schema: type[BaseModel], sent: object, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        schema.model_validate(sent)
    assert describe(refused.value) == said


def test_reasons_are_those_of_the_store() -> None:
    described = DOCUMENT["components"]["schemas"]["ChangeRequest"]["properties"]["reason"]
    assert described["enum"] == ["", *requests.REASONS]


OPERATION_NAMES = [
    (path, method)
    for path, some in DOCUMENT["paths"].items()
    for method in some
    if not path.endswith("/events")  # never ends
]


@pytest.mark.parametrize(("path", "method"), OPERATION_NAMES)
def test_whatever_is_sent_gets_a_described_answer(app: Flask, path: str, method: str) -> None:
    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", app)[path][method.upper()]
    answers = send(operation, GenerationMode.POSITIVE)
    assert answers - {404}, "nothing that exists was asked for"
    # Where nothing wrong can be sent, there is nothing more to ask.
    with suppress(Unsatisfiable):
        send(operation, GenerationMode.NEGATIVE)


def send(operation: Any, mode: GenerationMode) -> set[int]:
    """Send what fits the description, or what does not; returns the answers' status codes."""
    turn, answers = itertools.count(), set[int]()

    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        make_real(case, next(turn) if mode is GenerationMode.POSITIVE else 1)
        answers.add(case.call_and_validate(checks=CHECKS).status_code)

    ask()
    return answers


def make_real(case: schemathesis.Case[Any], turn: int) -> None:
    """Put what exists into a request: room and camera, every other time numbers and articles."""
    parts = case.path_parameters or {}
    fixed = {"room": "1", "camera": "door"}
    parts.update({name: value for name, value in fixed.items() if name in parts})
    if turn % 2:
        return
    parts.update({name: 1 + turn // 2 % 2 for name in parts if name not in fixed})
    if isinstance(case.body, dict):
        real: dict[str, Any] = {"sku": "T1-S", "code": "K1", "skus": ["T1-S", "K1"], "number": 1}
        case.body.update({name: real[name] for name in case.body if name in real})
