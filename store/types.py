"""Column types of our own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator

from common.crossing import Candidate


class CandidatesType(TypeDecorator[tuple[Candidate, ...]]):
    """Candidates as a JSON list of `{"sku", "score"}`, best first."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: tuple[Candidate, ...] | None, _dialect: Dialect
    ) -> list[dict[str, Any]]:
        """Return what is written."""
        return [vars(candidate) for candidate in value or ()]

    def process_result_value(self, value: Any, _dialect: Dialect) -> tuple[Candidate, ...]:
        """Return what was read."""
        return tuple(Candidate(row["sku"], row["score"]) for row in value or ())
