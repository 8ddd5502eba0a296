"""Implementations of a protocol, found by name: modules of a package, and installed plug-ins."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from common.errors import FittingroomError

T = TypeVar("T")


class UnknownPluginError(FittingroomError):
    """No implementation has this name."""


class Registry(Generic[T]):
    """Finds the modules that implement a protocol.

    A module of `package` belongs to it if it has the attribute `marker`. Installed packages add
    theirs by an entry point in `group`, whose object has the same attributes. Nothing is
    imported before it is requested.
    """

    def __init__(self, package: str, group: str, marker: str) -> None:
        """Set where implementations are found.

        Args:
            package: Dotted name of the package whose modules are searched.
            group: Entry points' group of installed packages.
            marker: The attribute that every implementation has.
        """
        self._package, self._group, self._marker = package, group, marker
        self._found: dict[str, T] | None = None

    def modules(self) -> Iterator[T]:
        """Yield all implementations: installed ones first, then our own, by name."""
        yield from self._all().values()

    def names(self) -> list[str]:
        """List the names of all implementations."""
        return list(self._all())

    def get(self, name: str) -> T:
        """Return one implementation by its name.

        Raises:
            UnknownPluginError: There is none; the known ones are named.
        """
        try:
            return self._all()[name]
        except KeyError as error:
            known = ", ".join(self.names())
            raise UnknownPluginError(f"no {self._group} named {name!r}; known: {known}.") from error

    def _all(self) -> dict[str, T]:
        if self._found is None:
            plugged = {point.name: _load(point) for point in entry_points(group=self._group)}
            self._found = cast("dict[str, T]", plugged | self._own())
        return self._found

    def _own(self) -> dict[str, Any]:
        package = importlib.import_module(self._package)
        names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
        modules = {name: importlib.import_module(f"{self._package}.{name}") for name in names}
        return {name: module for name, module in modules.items() if hasattr(module, self._marker)}


def _load(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:  # whatever a plug-in does when it is imported
        raise UnknownPluginError(
            f"the plug-in {point.name} ({point.value}) cannot be loaded: {error}"
        ) from error
