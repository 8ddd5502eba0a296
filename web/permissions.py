"""Who may ask for a view: said at the view itself, by `allow`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from store import access

#: Whoever reaches the server.
EVERYBODY: Final = "everybody"
#: A room's own screen, which staff have paired; that at the entrance where a view has no room.
SCREEN: Final = "the room's screen"
#: May ask for every view.
TECHNICIAN: Final = "technician"

_GROUPS: Final = (*access.ROLES, SCREEN, EVERYBODY)

View = TypeVar("View", bound=Callable[..., Any])


def allow(*groups: str) -> Callable[[View], View]:
    """Open a view to roles, to `SCREEN` or to `EVERYBODY`; technicians may use every view.

    Raises:
        ValueError: There is no such group.
    """
    if unknown := set(groups) - set(_GROUPS):
        raise ValueError(f"there is no group {unknown.pop()!r}; known: {', '.join(_GROUPS)}.")

    def mark(view: View) -> View:
        view.allowed = frozenset((*groups, TECHNICIAN))  # type: ignore[attr-defined]
        return view

    return mark


def has_permission(view: Callable[..., Any]) -> bool:
    """Check whether a view says who may use it."""
    return hasattr(view, "allowed")


def allowed_groups(view: Callable[..., Any] | None) -> tuple[str, ...]:
    """List who may ask for a view; technicians alone where it does not say, or there is none."""
    named = getattr(view, "allowed", (TECHNICIAN,))
    return tuple(group for group in _GROUPS if group in named)


def may(views: Mapping[str, Callable[..., Any]], role: str, endpoint: str) -> bool:
    """Check whether accounts of a role may ask for an endpoint of an application's views."""
    allowed = allowed_groups(views.get(endpoint))
    return role in allowed or EVERYBODY in allowed
