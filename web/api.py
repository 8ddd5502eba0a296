"""The API: operations whose requests are validated by the schemas at their views.

Spectree reads the schemas off the views' annotations (`json`, `query`, `headers`), hands the views
what was sent as these models, and writes the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Final, ParamSpec, cast

from flask import Request, abort
from flask import Response as FlaskResponse
from pydantic import BaseModel, ValidationError
from spectree import Response, SecurityScheme, SpecTree, Tag
from spectree.models import InType, SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin

from web.body import parse_json
from web.cookies import LOGIN, SCREEN
from web.schemas.base import Error

Sent = ParamSpec("Sent")

#: Where clients find an operation, and what it is about.
TAGS: Final = {
    tag.name: tag
    for tag in (
        Tag(name="access", description="Logins, and screens that staff pair."),
        Tag(name="rooms", description="A room's screen: garments, outfits, requests."),
        Tag(name="staff", description="The staff's page: rooms, requests, checks."),
        Tag(name="looks", description="The look book, and articles to write looks with."),
        Tag(name="cameras", description="Cameras: add, change, look through, remove."),
        Tag(name="calibration", description="The steps of a camera's calibration."),
        Tag(name="server", description="The server itself."),
    )
}
_PARAMETERS: Final = {
    "room": "The room's name, as the gates have it.",
    "camera": "The camera's name.",
    "item": "The garment's number.",
    "number": "The number of what is changed.",
}
#: The refusals that every operation knows, and those of operations that take a body.
_REFUSALS: Final = (400, 401, 403, 404, 409, 429, 500, 503)
_BODY_REFUSALS: Final = (413, 415)


class JsonRequest(Request):
    """A request whose body, where it has one, is a JSON object that can be stored."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Parse the body; whatever is no such object is a 400, even where Flask would be silent."""
        try:
            data = parse_json(self.get_data(cache=cache))
        except ValueError as error:
            abort(400, f"The body is not a JSON object ({error}).")
        if not isinstance(data, dict):
            abort(400, "The body is not a JSON object.")
        return data


class _Plugin(FlaskPlugin):
    """Validates what comes in; what goes out is held to its schema by tests, not at run time."""

    def validate_response(self, resp: Any, *_: Any) -> Any:
        if isinstance(resp, FlaskResponse):
            return resp, None  # a stream would be read to its end, which never comes
        return super().validate_response(resp, None, True, False)


def _refuse(_request: Any, _response: Any, error: Any, *_: Any) -> None:
    if error is not None:
        abort(400, describe(error))


def describe(error: ValidationError) -> str:
    """Say in one line what is wrong with a request, without what was sent: it may be a password."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    # Of a body that may have several forms, the one that was probably meant.
    forms: dict[str, list[tuple[tuple[int | str, ...], str, str]]] = {}
    for one in found:
        head, *rest = one["loc"] or ("",)
        form = head if isinstance(head, str) and head[:1].isupper() else ""
        place = tuple(rest) if form else one["loc"]
        forms.setdefault(form, []).append((place, one["type"], one["msg"]))
    place, kind, message = min(forms.values(), key=len)[0]
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)[1:]
    if kind == "missing":
        return f"{name!r} is missing."
    if kind == "extra_forbidden":
        return f"There is no field {name!r} here."
    return f"{name!r}: {message}." if name else message


def _cookie(name: str, cookie: str, about: str) -> SecurityScheme:
    data = SecuritySchemeData(
        type=SecureType.API_KEY, name=cookie, field_in=InType.COOKIE, description=about
    )
    return SecurityScheme(name=name, data=data)


#: Collects the operations.
spec: Final = SpecTree(
    backend=_Plugin,
    before=_refuse,
    mode="strict",
    validation_error_status=400,
    validation_error_model=Error,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    title="fittingroom",
    version=version("fittingroom"),
    description="Log in, or pair a screen; the cookie says who asks. An unsafe request carries "
    "JSON, and comes from the server's own pages or from no page at all.",
    openapi_version="3.1.0",
    security_schemes=[
        _cookie("login", LOGIN, "The cookie that logging in sets."),
        _cookie("screen", SCREEN, "The cookie of a screen that staff have paired with its room."),
    ],
)


def operation(
    tag: str, answer: type[BaseModel] | None = None, status: int = 200
) -> Callable[[Callable[Sent, Any]], Callable[Sent, Any]]:
    """Make a view an operation of the API, of the view's name.

    The view's docstring describes it. Its argument `json` is the body, `query` what stands behind
    `?`, `headers` the headers, each annotated with its schema; what does not fit is a 400.

    Args:
        tag: One of `TAGS`.
        answer: What it answers; None for a stream of events.
        status: The answer's status.
    """

    def decorate(view: Callable[Sent, Any]) -> Callable[Sent, Any]:
        refusals = _REFUSALS + (_BODY_REFUSALS if "json" in view.__annotations__ else ())
        errors = {f"HTTP_{code}": Error for code in refusals}
        described = spec.validate(
            resp=Response(**{f"HTTP_{status}": answer}, **errors),
            tags=[TAGS[tag]],
            operation_id=view.__name__,
            path_parameter_descriptions=_PARAMETERS,
        )(view)
        described.is_stream = answer is None
        return cast(Callable[Sent, Any], described)

    return decorate
