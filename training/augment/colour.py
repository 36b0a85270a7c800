"""Colour edits on float32 [n, 3, h, w] in 0 … 1, one affine map of the channels a sample and a gamma."""

import torch

from training.augment.geometry import chance, uniform

LUMA = torch.tensor([0.299, 0.587, 0.114])


def colour(x: torch.Tensor, strength: float, p: float, frames: int = 1) -> torch.Tensor:
    """Each `frames` consecutive pictures are one moment and are coloured alike."""
    if frames > 1:
        # One tall picture a moment: every edit here is of pixels alone.
        tall = x.reshape(len(x) // frames, frames, *x.shape[1:]).transpose(1, 2)
        edited = colour(tall.flatten(2, 3), strength, p)
        return edited.reshape(tall.shape).transpose(1, 2).reshape(x.shape)
    n, device = len(x), x.device
    grey = LUMA.to(device).expand(3, 3)
    identity = torch.eye(3, device=device)
    touched = chance(n, p, device)
    saturation = torch.where(touched, uniform(n, 1 - 0.8 * strength, 1 + 0.9 * strength, device), 1.0)
    saturation = torch.where(chance(n, 0.14 * strength, device), 0.0, saturation)
    matrix = grey + saturation[:, None, None] * (identity - grey)
    # Hue: a rotation around the grey axis.
    angle = uniform(n, -1, 1, device) * 0.7 * strength * (touched & chance(n, 0.5, device))
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None] / 3**0.5
    axis = torch.full((3, 3), 1 / 3, device=device)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=device)
    matrix = (cos * identity + (1 - cos) * axis + sin * cross) @ matrix
    sepia = torch.tensor([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]], device=device)
    matrix = torch.where(chance(n, 0.04 * strength, device)[:, None, None], sepia, matrix)
    contrast = torch.where(touched, uniform(n, 1 - 0.5 * strength, 1 + 0.6 * strength, device), 1.0)
    brightness = torch.where(touched, uniform(n, -0.22, 0.22, device) * strength, 0.0)
    matrix = contrast[:, None, None] * matrix
    x = torch.einsum("nij,njhw->nihw", matrix, x) + (0.5 - 0.5 * contrast + brightness)[:, None, None, None]
    x = x.clamp(0, 1)
    rows = chance(n, 0.3 * p, device).nonzero().flatten()
    if len(rows):
        gamma = torch.exp(uniform(len(rows), -0.6, 0.6, device) * strength)[:, None, None, None]
        x[rows] = x[rows].clamp(min=1e-4) ** gamma
    return x
