"""Read `fittingroom.toml`, and write the one that a new site starts with."""

from __future__ import annotations

import difflib
import tomllib

from pydantic import ValidationError

from common.errors import SettingsError
from common.settings import Settings

#: Settings that may hold a password or a token; messages do not show them.
_SECRET_KEYS = ("database.url", "web.webhook", "sensors.mqtt", "summary.webhook")


def parse_settings(text: str, where: str) -> Settings:
    """Read settings from TOML.

    Raises:
        SettingsError: Not TOML, an unknown key (the nearest valid one is named) or a bad value.
    """
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not valid TOML ({error}).") from error
    except ValidationError as error:
        raise SettingsError(f"{where}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    path = [str(part) for part in first["loc"]]
    key = ".".join(path)
    if first["type"] != "extra_forbidden":
        secret = key in _SECRET_KEYS or isinstance(first["input"], dict)
        found = "" if secret else f" (found {first['input']!r})"
        said = str(first.get("ctx", {}).get("error", first["msg"])).rstrip(".")
        return f"{key}: {said}{found}."
    known = [
        f"{s}.{k}"
        for s, field in Settings.model_fields.items()
        for k in type(field.default).model_fields
    ]
    same_section = [name for name in known if name.startswith(path[0] + ".")]
    choices = (same_section if len(path) > 1 else [*Settings.model_fields]) or known
    near = difflib.get_close_matches(key, choices, 1, 0.0)
    return f"unknown setting '{key}'; did you mean '{near[0]}'?"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{}"  # tables are described where they are explained
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return f'"{value}"' if isinstance(value, str) else f"{value}".lower()


def settings_template(name: str) -> str:
    """Return the settings file a new site starts with: every setting, commented out."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    lines = ["# Settings of this site; docs/reference/settings.md explains each."]
    for section, field in Settings.model_fields.items():
        lines += ["", f"[{section}]"]
        for key, value in field.default.model_dump().items():
            if (section, key) == ("shop", "name"):
                lines.append(f'name = "{quoted}"')
            else:
                lines.append(f"# {key} = {_toml(value)}")
    return "\n".join(lines) + "\n"
