"""The stylist's network: maps a partial outfit and a wanted part to a query.

A set transformer over the articles of an outfit (without positions: an outfit has no order)
computes a query close to compatible articles (after Sarkar et al., "OutfitTransformer: Learning
outfit representations for fashion recommendation", WACV 2023). Queries and item embeddings are
compared by dot product, so a whole shop is searched at once.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from models.stylist.features import WIDTH
from models.stylist.runtime import WANTED_PARTS


def _encoder(dimensions: int, drop: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(WIDTH, 256), nn.GELU(), nn.Dropout(drop), nn.Linear(256, dimensions)
    )


class ItemNetwork(nn.Module):
    """Maps features of articles (…×WIDTH) to tokens and to item embeddings (…×D each).

    Item embeddings are unit vectors.
    """

    def __init__(self, dimensions: int, drop: float) -> None:
        """Build it with random weights."""
        super().__init__()
        self.token, self.answer = _encoder(dimensions, drop), _encoder(dimensions, drop)

    def forward(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode articles."""
        return self.token(rows), nn.functional.normalize(self.answer(rows), dim=-1)


class _Block(nn.Module):
    """A pre-norm transformer layer; PyTorch's own is exported with a fixed batch size."""

    def __init__(self, dimensions: int, heads: int, drop: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dimensions), nn.LayerNorm(dimensions)
        self.mixed = nn.Linear(dimensions, 3 * dimensions)
        self.joined = nn.Linear(dimensions, dimensions)
        self.wide = nn.Linear(dimensions, 2 * dimensions)
        self.narrow = nn.Linear(2 * dimensions, dimensions)
        self.drop = nn.Dropout(drop)

    def forward(self, seen: torch.Tensor, absent: torch.Tensor) -> torch.Tensor:
        """Attend over B×M×D; `absent` B×1×1×M is a large negative number for padding."""
        shape = (seen.shape[0], seen.shape[1], self.heads, seen.shape[2] // self.heads)
        parts = self.mixed(self.norm1(seen)).chunk(3, -1)
        query, key, value = (part.reshape(shape).transpose(1, 2) for part in parts)
        weights = (query @ key.transpose(2, 3)) * shape[3] ** -0.5 + absent
        mixed = (self.drop(weights.softmax(-1)) @ value).transpose(1, 2).reshape(seen.shape)
        seen = seen + self.drop(self.joined(mixed))
        hidden = self.drop(nn.functional.gelu(self.wide(self.norm2(seen))))
        added: torch.Tensor = self.drop(self.narrow(hidden))
        return seen + added


class QueryNetwork(nn.Module):
    """Maps a context (tokens B×M×D, absent B×M) and a wanted part (B) to a query B×D.

    All queries have the same learned norm, an inverse temperature: scores are logits.
    """

    def __init__(self, dimensions: int, layers: int, drop: float) -> None:
        """Build it with random weights."""
        super().__init__()
        self.want = nn.Embedding(len(WANTED_PARTS), dimensions)
        self.blocks = nn.ModuleList(_Block(dimensions, 4, drop) for _ in range(layers))
        self.norm = nn.LayerNorm(dimensions)
        self.out = nn.Linear(dimensions, dimensions)
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def forward(
        self, tokens: torch.Tensor, absent: torch.Tensor, want: torch.Tensor
    ) -> torch.Tensor:
        """Compute queries."""
        wanted = self.want(want)[:, None]
        mask = torch.cat([torch.zeros_like(absent[:, :1]), absent], 1).to(tokens.dtype) * -1e4
        seen = torch.cat([wanted, tokens], 1)
        for block in self.blocks:
            seen = block(seen, mask[:, None, None])
        answer = self.out(self.norm(seen[:, 0]))
        return nn.functional.normalize(answer, dim=-1) * self.scale.exp()


class StylistNetwork(nn.Module):
    """The item network and the query network."""

    def __init__(self, dimensions: int = 128, layers: int = 2, drop: float = 0.2) -> None:
        """Build them with random weights."""
        super().__init__()
        self.items = ItemNetwork(dimensions, drop)
        self.query = QueryNetwork(dimensions, layers, drop)
