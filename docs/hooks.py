"""Parts of the site that are generated while MkDocs builds it: API, categories and the like."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
_MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marks `<!-- generated: NAME -->` of a page (an event of MkDocs)."""
    parts = {
        "api": api_reference,
        "categories": categories,
        "google_numbers": google_numbers,
        "languages": languages,
        "model_card": model_card,
    }
    return _MARK.sub(lambda mark: parts[mark[1]](), markdown)


def model_card() -> str:
    """Return the model card without its heading; it lies beside the weights."""
    text = (ROOT / "models" / "weights" / "README.md").read_text(encoding="utf-8")
    return text.partition("\n")[2].replace("](../../docs/", "](../")


def categories() -> str:
    """Write the table of the categories."""
    from models.taxonomy import TABLE

    lines = [
        "| category | part of an outfit | detected by cameras | what it holds |",
        "|---|---|---|---|",
    ]
    for one in TABLE:
        part = "none" if one.part == "other" else one.part
        lines.append(f"| `{one.name}` | {part} | {'yes' if one.detected else 'no'} | {one.holds} |")
    return "\n".join(lines)


def google_numbers() -> str:
    """Write which number of Google's product taxonomy is which category."""
    from models.taxonomy import GOOGLE_IDS

    numbers: dict[str, list[str]] = {}
    for number, category in GOOGLE_IDS.items():
        numbers.setdefault(category, []).append(number)
    lines = ["| category | Google's numbers |", "|---|---|"]
    lines += [f"| `{category}` | {', '.join(some)} |" for category, some in numbers.items()]
    return "\n".join(lines)


def languages() -> str:
    """Write the codes and names of the languages of the screens, in their order."""
    from common.languages import LANGUAGES

    named = (f"`{code}` {language.name}" for code, language in LANGUAGES.items())
    return f"The languages of `shop.languages`: {', '.join(named)}."


def api_reference() -> str:
    """Write every operation and every schema of the OpenAPI document."""
    from web.app import describe_api

    described = describe_api()
    lines = []
    for tag in described["tags"]:
        lines += [f"## {tag['name'].capitalize()}", "", tag["description"], ""]
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    lines += _operation(method.upper(), path, operation)
    lines += ["## Schemas", ""]
    for name, schema in described["components"]["schemas"].items():
        lines += [f"### {name}", "", "```text", show_type(schema), "```", ""]
    return "\n".join(lines)


def _operation(method: str, path: str, operation: Schema) -> list[str]:
    lines = [f"### `{method} {path}`", "", operation["summary"], ""]
    if "description" in operation:
        lines += [operation["description"], ""]
    lines += [f"`{operation['operationId']}`, for {', '.join(operation['x-allowed'])}.", ""]
    for place in operation.get("parameters", []):
        about = f": {place['description']}" if place.get("description") else ""
        lines.append(f"- `{place['name']}` in the {place['in']}, "
                     f"`{show_type(place['schema'])}`{about}")  # fmt: skip
    lines.append("")
    if body := operation.get("requestBody"):
        lines += ["Request:", "", *_content(body["content"])]
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            lines += [f"Response {status}:", "", *_content(response.get("content", {}))]
    return lines


def _content(content: dict[str, Schema]) -> list[str]:
    lines = []
    for kind, media in content.items():
        shown = show_type(media["schema"]) if kind == "application/json" else kind
        lines += ["```text", shown, "```", ""]
    return lines


def show_type(schema: Schema, indent: str = "") -> str:
    """Write a JSON schema as a short type, `{"size"?: string, "mine": boolean}` say."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " | ".join(json.dumps(value) for value in values)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(show_type(one, indent) for one in schema[several])
    if schema.get("type") == "array":
        return f"[{show_type(schema.get('items', {}), indent)}, …]"
    if schema.get("properties"):
        return _object(schema, indent)
    return str(schema.get("type", "any"))


def _object(schema: Schema, indent: str) -> str:
    needed = schema.get("required", ())
    fields = [
        f'"{name}"{"" if name in needed else "?"}: {show_type(part, indent + "  ")}'
        for name, part in schema["properties"].items()
    ]
    line = "{" + ", ".join(fields) + "}"
    if len(line) + len(indent) <= 80 and "\n" not in line:
        return line
    return "{\n" + "".join(f"{indent}  {field}\n" for field in fields) + indent + "}"
