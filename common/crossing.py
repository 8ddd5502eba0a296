"""The crossing of a gate: the contract between vision, store and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Event = Literal["entry", "exit"]


@dataclass(frozen=True)
class Candidate:
    """An article that a garment may be: its colourway's SKU, and its similarity."""

    sku: str
    score: float


@dataclass(frozen=True)
class GarmentViews:
    """Embeddings of a garment's best crops, from which its article can be learned.

    Attributes:
        model: Short name of the embedder.
        embeddings: float32 V×D, rows L2-normalised.
        local_features: int8 V×C×W, as the gallery holds them.
    """

    model: str
    embeddings: NDArray[np.float32]
    local_features: NDArray[np.int8]


@dataclass(frozen=True)
class GarmentMatch:
    """The match of a garment to an article.

    Attributes:
        category: Of the article; of an unknown garment, the most probable one.
        sku: The article's colourway; None where no candidate is accepted.
        score: Similarity of all views to the best candidate, on a cosine's scale; 0 in an
            empty gallery.
        probability: Calibrated probability that the best candidate is right, 0…1.
        nearest: The nearest colourways by similarity, best first.
        candidates: Those that people choose from, ranked by similarity and the probability of
            their category together (`models.matching.rank_candidates`).
        category_certain: Whether the category is clearly ahead of the others.
        base_probability: `probability` before its camera's correction
            (`models.recalibration`).
        views: What it was matched by; neither printed nor written to the journal.
    """

    category: str
    sku: str | None
    score: float
    probability: float = 0.0
    nearest: tuple[Candidate, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    category_certain: bool = True
    base_probability: float = 0.0
    views: GarmentViews | None = field(default=None, compare=False, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that the journal holds and commands print."""
        return {
            "category": self.category,
            "category_certain": self.category_certain,
            "sku": self.sku,
            "score": self.score,
            "certainty": self.probability,
            "candidates": [vars(candidate) for candidate in self.candidates],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GarmentMatch:
        """Read what `as_json` returned, in this version or an earlier one.

        Raises:
            KeyError: A key is missing.
        """
        return cls(
            data["category"],
            data["sku"],
            data["score"],
            data.get("certainty", 0.0),
            candidates=tuple(Candidate(c["sku"], c["score"]) for c in data["candidates"]),
            category_certain=data.get("category_certain", True),
        )


@dataclass(frozen=True)
class Crossing:
    """A person went in or came out, with garments.

    Attributes:
        time: Seconds: of the source's clock in `vision`, since the epoch in the journal.
        event: `entry` or `exit`.
        camera: The camera's name.
        gate: The gate's name.
        room: The room behind the gate; empty where it leads to several.
        person: The person's track.
        garments: What the person carried.
        rooms: Those behind the gate, where they are several.
        staff: Whether the person showed the badge of staff (`calibration.badge`).
    """

    time: float
    event: Event
    camera: str
    gate: str
    room: str
    person: int = 0
    garments: tuple[GarmentMatch, ...] = ()
    rooms: tuple[str, ...] = ()
    staff: bool = False

    @property
    def behind(self) -> tuple[str, ...]:
        """All rooms behind the gate, one or several."""
        return self.rooms or ((self.room,) if self.room else ())

    def without_views(self) -> Crossing:
        """Return the crossing without the features of its garments."""
        bare = tuple(replace(garment, views=None) for garment in self.garments)
        return replace(self, garments=bare)

    def as_json(self) -> dict[str, Any]:
        """Return the event as the journal holds it and `fittingroom replay --json` prints it."""
        return {
            "time": round(self.time, 3),
            "event": self.event,
            "camera": self.camera,
            "gate": self.gate,
            "room": self.room,
            "rooms": list(self.rooms),
            "garments": [garment.as_json() for garment in self.garments],
            **({"staff": True} if self.staff else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Crossing:
        """Read what `as_json` returned, in this version or an earlier one.

        Raises:
            KeyError: A key is missing.
        """
        return cls(
            data["time"],
            data["event"],
            data.get("camera", ""),
            data.get("gate", ""),
            data["room"],
            garments=tuple(map(GarmentMatch.from_json, data["garments"])),
            rooms=tuple(data.get("rooms", ())),
            staff=data.get("staff", False),
        )
