"""Secrets from the environment: a variable, or with `_FILE` at its end the path of a file."""

from __future__ import annotations

import os
from pathlib import Path

from common.errors import SettingsError


def read_secret(variable: str) -> str:
    """Read a secret, from the variable itself or from the file that `VARIABLE_FILE` names.

    Returns:
        The secret without blanks around it; empty where neither is set.

    Raises:
        SettingsError: The file cannot be read.
    """
    if value := os.environ.get(variable, ""):
        return value
    name = os.environ.get(f"{variable}_FILE", "")
    if not name:
        return ""
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}_FILE: {name} cannot be read.") from error
