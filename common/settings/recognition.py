"""Settings of the watchers: cameras, models, matches."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from common.settings.section import Section


class VisionSettings(Section):
    """The watchers."""

    frames_per_second: Annotated[
        float, Field(gt=0, le=60, description="Frames looked at in a second, a camera.")
    ] = 10.0
    threads: Annotated[
        int, Field(ge=1, le=64, description="Processor threads a watcher's models may use.")
    ] = 2
    detector: Annotated[
        str,
        Field(
            description="What finds people and garments: `yolo`, a model of this site "
            "(`fittingroom model`), or the name of an installed plug-in."
        ),
    ] = "yolo"
    embedder: Annotated[
        str,
        Field(
            description="What recognises garments: `mobilenet`, a model of this site "
            "(`fittingroom model`), or the name of an installed plug-in. After a change run "
            "`fittingroom catalogue index`."
        ),
    ] = "mobilenet"


class MatchingSettings(Section):
    """From a garment to an article."""

    caution: Annotated[
        float,
        Field(
            ge=-0.5,
            le=0.5,
            description="Added to the probability that a match "
            "needs: more makes 'unknown' more frequent and wrong "
            "articles rarer.",
        ),
    ] = 0.0
    learn: Annotated[
        bool,
        Field(
            description="Learn how articles look when they are carried, from garments that a tag, "
            "a correction or a confident match in and out confirms. Embeddings alone are kept, "
            "without time, room or visit. The match probability of each camera is corrected by the "
            "matches that people confirmed or put right. `fittingroom learning` shows and undoes "
            "both."
        ),
    ] = True
    stock: Annotated[
        bool,
        Field(
            description="Rank articles also by what is in stock here: the feed's availability, "
            "the last sale and the last visit to a room. Stock may be wrong: an article that is "
            "not listed can still be matched."
        ),
    ] = False
