"""The look book."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

from web.schemas.articles import Article
from web.schemas.base import AnyText, Query, Schema, Text

Skus = Annotated[list[Text], Field(min_length=2, max_length=12)]


class Look(Schema):
    """A look of the shop."""

    id: int
    title: str
    origin: str
    state: str
    pieces: list[Article]


class LookPage(Schema):
    """A page of the look book."""

    total: int
    looks: list[Look]


class LookQuery(Query):
    """Which page of the look book."""

    tab: Literal["new", "kept", "stylists", "dropped"] = Field("new", description="Which looks.")
    start: Annotated[int, Field(ge=0, le=10**9)] = Field(
        0, description="Looks to leave out before."
    )


class WriteLook(Schema):
    """A look's articles."""

    skus: Skus
    title: AnyText = ""


class JudgeLook(Schema):
    """What staff make of a look."""

    state: Literal["open", "kept", "dropped"]


class ChangeLook(RootModel[JudgeLook | WriteLook]):
    """A look's state, or its articles."""


class ArticleQuery(Query):
    """Which articles; give `q` or `beside`."""

    q: AnyText = Field("", description="Words, a SKU or a GTIN; `variant` says which a tag names.")
    beside: list[Text] = Field([], description="SKUs that the articles should go with.")

    @model_validator(mode="after")
    def _check_words(self) -> ArticleQuery:
        if not self.q and not self.beside:
            message = "Give 'q' (words, a SKU or a GTIN) or 'beside' (SKUs)."
            raise PydanticCustomError("query", message)
        return self


class ArticlesFound(Schema):
    """Articles, the most fitting first."""

    articles: list[Article]
