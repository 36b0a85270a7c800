"""Losses of quality on float32 [n, 3, h, w] in 0 … 1: blur, low resolution, noise, JPEG."""

import math

import torch
from torch.nn import functional

from training.augment.geometry import chance, each, uniform

# Annex K of ITU-T T.81; one table for all channels is close enough to teach from.
QUANTISATION = torch.tensor(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=torch.float32,
)
DCT = torch.tensor(
    [
        [math.sqrt((1 if k == 0 else 2) / 8) * math.cos(math.pi * (2 * i + 1) * k / 16) for i in range(8)]
        for k in range(8)
    ]
)


def jpeg(x: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """JPEG's 8×8 quantisation; quality [n] in 1 … 99 as in the reference coder."""
    n, channels, height, width = x.shape
    dct = DCT.to(x.device)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    step = (QUANTISATION.to(x.device) * scale[:, None, None] / 255).clamp(min=1 / 255)
    tiles = (x - 0.5).reshape(n, channels, height // 8, 8, width // 8, 8).permute(0, 1, 2, 4, 3, 5)
    step = step[:, None, None, None]
    coded = ((dct @ tiles @ dct.T) / step).round() * step
    tiles = dct.T @ coded @ dct
    return (tiles.permute(0, 1, 2, 4, 3, 5).reshape(n, channels, height, width) + 0.5).clamp(0, 1)


def low_resolution(x: torch.Tensor, factor: float, mode: str) -> torch.Tensor:
    size = x.shape[-1]
    smaller = functional.interpolate(x, size=max(8, round(size / factor)), mode="area")
    return functional.interpolate(smaller, size=size, mode=mode)


def degrade(x: torch.Tensor, strength: float, p: float, frames: int = 1) -> torch.Tensor:
    """Each `frames` consecutive pictures are one moment and lose alike."""
    n, device = len(x) // frames, x.device
    kinds = each(torch.rand(n, device=device), frames)
    for low, high, factor, mode in (
        (0.0, 0.16, 1.8, "bilinear"),
        (0.16, 0.28, 2.6, "bilinear"),
        (0.28, 0.34, 3.6, "bilinear"),
        (0.34, 0.40, 3.0, "nearest"),
    ):
        rows = ((kinds >= low * p) & (kinds < high * p)).nonzero().flatten()
        if len(rows):
            x[rows] = low_resolution(x[rows], 1 + (factor - 1) * strength, mode)
    rows = each(chance(n, 0.25 * p, device), frames).nonzero().flatten()
    if len(rows):
        level = each(uniform(len(rows) // frames, 0.01, 0.14 * strength + 0.01, device), frames)[:, None, None, None]
        x[rows] = (x[rows] + torch.randn_like(x[rows]) * level).clamp(0, 1)
    rows = each(chance(n, 0.4 * p, device), frames).nonzero().flatten()
    if len(rows):
        x[rows] = jpeg(x[rows], each(uniform(len(rows) // frames, 85 - 65 * strength, 90, device), frames))
    return x
