"""Two views of each picture: one lightly edited, as a library holds it, one heavily, as a copy comes back."""

import torch
from torch.nn import functional

from training.augment.colour import colour
from training.augment.degrade import degrade
from training.augment.geometry import chance, each, edited, scenes, slight, uniform, warp
from training.augment.overlays import lay_over


def backgrounds(shown: torch.Tensor, others: torch.Tensor, frames: int = 1) -> torch.Tensor:
    """What stands behind a smaller picture: black, one colour, its own blur, or another picture."""
    n, device, size = len(shown) // frames, shown.device, shown.shape[-1]
    behind = torch.zeros_like(shown)
    kind = each(torch.rand(n, device=device), frames)
    rows = ((kind >= 0.4) & (kind < 0.5)).nonzero().flatten()
    behind[rows] = each(torch.rand(len(rows) // frames, 3, 1, 1, device=device), frames)
    rows = ((kind >= 0.5) & (kind < 0.75)).nonzero().flatten()
    if len(rows):
        dim = each(uniform(len(rows) // frames, 0.5, 1, device), frames)[:, None, None, None]
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


def moments(plain: torch.Tensor, copied: torch.Tensor, aspect: torch.Tensor, sheets: torch.Tensor, size: int,
            strength: float, frames: int, moved: float = 0.5) -> tuple[torch.Tensor, torch.Tensor]:
    """Views of short sequences, `frames` pictures each, two sequences of one scene after another.

    plain, copied: uint8 [2 · scenes · frames, h, w, 3], what the library and the copy were sampled from (their times
    differ slightly); aspect [2 · scenes · frames]. A sequence is edited as one; both of a scene show the same part of
    it, so that nothing but what happens tells them apart. A share `moved` is also cropped, framed or tilted; the others
    keep their places, so that regions of one place answer each other. Gives the light and the heavy views.
    """
    n, device = len(plain) // frames, plain.device
    scene = each(scenes(n // 2, device), 2 * frames)
    edit = torch.where(
        each(chance(n, moved, device), frames)[:, None, None],
        each(edited(n, aspect[::frames], strength), frames),
        each(slight(n, device), frames),
    )
    light, _ = warp(*halved(plain), scene, each(slight(n, device), frames), size)
    shown, covers = warp(*halved(copied), scene, edit, size)
    others = light.roll(2 * frames, 0)
    light = degrade(colour(light, 0.25, 0.4, frames), 0.3, 0.4, frames)
    heavy = shown * covers + backgrounds(shown, others, frames) * (1 - covers)
    heavy = degrade(colour(heavy, strength, 0.65, frames), strength, 0.75, frames)
    return light, lay_over(heavy, sheets, others, strength, frames)


def halved(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """uint8 [n, h, w, 3] → float32 [n, 3, h, w] in 0 … 1, and its half-size version."""
    large = pictures.permute(0, 3, 1, 2).float().div_(255).contiguous()
    return large, functional.avg_pool2d(large, 2)
