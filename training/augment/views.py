"""Two views of each picture: one lightly edited, as a library holds it, one heavily, as a copy comes back."""

import torch
from torch.nn import functional

from training.augment.colour import colour
from training.augment.degrade import degrade
from training.augment.geometry import chance, edited, scenes, slight, uniform, warp
from training.augment.overlays import lay_over


def backgrounds(shown: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """What stands behind a smaller picture: black, one colour, its own blur, or another picture."""
    n, device, size = len(shown), shown.device, shown.shape[-1]
    behind = torch.zeros_like(shown)
    kind = torch.rand(n, device=device)
    rows = ((kind >= 0.4) & (kind < 0.5)).nonzero().flatten()
    behind[rows] = torch.rand(len(rows), 3, 1, 1, device=device)
    rows = ((kind >= 0.5) & (kind < 0.75)).nonzero().flatten()
    if len(rows):
        dim = uniform(len(rows), 0.5, 1, device)[:, None, None, None]
        blurred = functional.interpolate(shown[rows], size=7, mode="area")
        behind[rows] = functional.interpolate(blurred, size=size, mode="bilinear") * dim
    rows = (kind >= 0.75).nonzero().flatten()
    behind[rows] = others[rows]
    return behind


def views(large: torch.Tensor, small: torch.Tensor, aspect: torch.Tensor, sheets: torch.Tensor,
          size: int, strength: float) -> tuple[torch.Tensor, torch.Tensor]:
    """large, small: uint8 [n, h, w, 3]. Gives the light and the heavy views, float32 [n, 3, size, size] in 0 … 1."""
    n, device = len(large), large.device
    large = large.permute(0, 3, 1, 2).float().div_(255).contiguous()
    small = small.permute(0, 3, 1, 2).float().div_(255).contiguous()
    scene = scenes(n, device)
    plain, _ = warp(large, small, scene, slight(n, device), size)
    others = plain[torch.randperm(n, device=device)]
    light = degrade(colour(plain.clone(), 0.25, 0.4), 0.3, 0.4)
    heavy, covers = warp(large, small, scene, edited(n, aspect, strength), size)
    heavy = heavy * covers + backgrounds(plain, others) * (1 - covers)
    before = chance(1, 0.5, device).item()
    if before:
        heavy = lay_over(heavy, sheets, others.flip(0), strength)
    heavy = degrade(colour(heavy, strength, 0.65), strength, 0.75)
    if not before:
        heavy = lay_over(heavy, sheets, others.flip(0), strength)
    return light, heavy
