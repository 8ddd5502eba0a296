"""Build a training's hyperparameters from the options of a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def build_recipe(recipe: type[T], options: Mapping[str, Any]) -> T:
    """Build a recipe; options that are None keep the recipe's own defaults.

    Args:
        recipe: The dataclass of the hyperparameters.
        options: Values by field name, as `fittingroom train` or a standalone trainer read them.
    """
    return recipe(**{name: value for name, value in options.items() if value is not None})
