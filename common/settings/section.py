"""A section of the settings file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section: no other keys than its own, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
