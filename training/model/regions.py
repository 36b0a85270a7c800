"""Pooling a map over the frame and over its 3 × 3 overlapping half-size regions, in one matrix product."""

import torch

GRID = 3
REGIONS = GRID * GRID


def spans(side: int) -> torch.Tensor:
    """How much of each of a map's `side` cells three half-size spans hold, at its start, middle and end: [3, side]."""
    half = side / 2
    start = torch.arange(GRID)[:, None] * (half / (GRID - 1))
    cell = torch.arange(side)[None]
    return (torch.minimum(cell + 1, start + half) - torch.maximum(cell, start)).clamp(min=0) / half


def pooling(side: int) -> torch.Tensor:
    """[side², 10]: the weights of a map's cells in the whole frame, then in its regions row by row; columns sum to 1."""
    line = spans(side)
    regions = torch.einsum("iy,jx->ijyx", line, line).reshape(REGIONS, side * side)
    return torch.cat([torch.full((1, side * side), 1 / (side * side)), regions]).T.contiguous()


def pooled(maps: torch.Tensor) -> torch.Tensor:
    """GeM of power 3 (Radenović et al., 2018; the power is fixed so that it is two products): [n, c, s, s] → [n, 10, c]."""
    n, channels, side, _ = maps.shape
    x = maps.float().clamp(min=0)
    means = (x * x * x).reshape(n, channels, side * side) @ pooling(side).to(maps.device)
    return (means + 1e-6).pow(1 / 3).transpose(1, 2)
