"""Where the picture goes: crops, bars, insets, halves, rotation and perspective as one warp a sample.

Coordinates run from −1 to 1 over a picture, as torch's grid_sample has them. A sample's 3×3 matrix takes places
of the edited frame to places of the source; what lands outside the source is background.
"""

import torch
from torch.nn import functional


def uniform(n: int, low: float, high: float, device: torch.device) -> torch.Tensor:
    return torch.rand(n, device=device) * (high - low) + low


def chance(n: int, p: float, device: torch.device) -> torch.Tensor:
    return torch.rand(n, device=device) < p


def each(values: torch.Tensor, frames: int) -> torch.Tensor:
    """One value a moment, given to each of its frames: [m, …] → [m · frames, …]."""
    return values if frames == 1 else values.repeat_interleave(frames, 0)


def boxes(centre_x, centre_y, half_x, half_y) -> torch.Tensor:
    """Matrices that take the whole frame to a box (centre, half sizes) of the source: [n, 3, 3]."""
    matrix = torch.zeros(len(centre_x), 3, 3, device=centre_x.device)
    matrix[:, 0, 0], matrix[:, 0, 2] = half_x, centre_x
    matrix[:, 1, 1], matrix[:, 1, 2] = half_y, centre_y
    matrix[:, 2, 2] = 1
    return matrix


def inside(half_x: torch.Tensor, half_y: torch.Tensor) -> torch.Tensor:
    """A box of these half sizes at a random place within the source."""
    n, device = len(half_x), half_x.device
    x = uniform(n, -1, 1, device) * (1 - half_x)
    y = uniform(n, -1, 1, device) * (1 - half_y)
    return boxes(x, y, half_x, half_y)


def shown_in(matrix: torch.Tensor) -> torch.Tensor:
    """The other way round: the whole source shown within a box of the frame."""
    return torch.linalg.inv(matrix)


def scenes(n: int, device: torch.device) -> torch.Tensor:
    """What both views of a pair start from: a part of the picture, at times flipped or turned for variety."""
    side = uniform(n, 0.7, 1.0, device)
    matrix = inside(side, (side * uniform(n, 0.85, 1.18, device)).clamp(max=1))
    matrix[:, :, 0] *= torch.where(chance(n, 0.5, device), -1.0, 1.0)[:, None]
    turned = chance(n, 0.12, device)
    matrix[turned] = matrix[turned][:, :, [1, 0, 2]]
    return matrix


def slight(n: int, device: torch.device) -> torch.Tensor:
    side = uniform(n, 0.92, 1.0, device)
    return inside(side, (side * uniform(n, 0.97, 1.03, device)).clamp(max=1))


def crop(n: int, strength: float, device: torch.device) -> torch.Tensor:
    least = 1 - 0.52 * strength
    return inside(uniform(n, least, 1, device), uniform(n, least, 1, device))


def bars(n: int, strength: float, device: torch.device) -> torch.Tensor:
    """Letterbox, pillarbox or a margin all around; a third of them as narrow as a blurred vertical frame's."""
    along = uniform(n, 1 - 0.55 * strength, 0.95, device)
    along = torch.where(chance(n, 0.3 * strength, device), uniform(n, 0.3, 0.45, device), along)
    across = torch.where(chance(n, 0.2, device), uniform(n, 1 - 0.3 * strength, 1, device), torch.ones_like(along))
    is_letterbox = chance(n, 0.6, device)
    half_x, half_y = torch.where(is_letterbox, across, along), torch.where(is_letterbox, along, across)
    zero = torch.zeros_like(along)
    return shown_in(boxes(zero, uniform(n, -0.1, 0.1, device) * (1 - half_y), half_x, half_y))


def inset(n: int, strength: float, device: torch.device) -> torch.Tensor:
    side = uniform(n, 1 - 0.6 * strength, 0.9, device)
    return shown_in(inside(side, (side * uniform(n, 0.85, 1.18, device)).clamp(max=1)))


def half(n: int, device: torch.device) -> torch.Tensor:
    """One half of a side-by-side or stacked frame, squeezed into it or cut to it."""
    side = torch.where(chance(n, 0.5, device), 0.5, -0.5)
    is_stacked = chance(n, 0.5, device)
    zero, whole, part = torch.zeros_like(side), torch.ones_like(side), torch.full_like(side, 0.5)
    place = boxes(
        torch.where(is_stacked, zero, side),
        torch.where(is_stacked, side, zero),
        torch.where(is_stacked, whole, part),
        torch.where(is_stacked, part, whole),
    )
    cut = boxes(
        zero, zero, torch.where(is_stacked, whole, part), torch.where(is_stacked, part, whole)
    )
    is_cut = chance(n, 0.4, device)[:, None, None]
    return torch.where(is_cut, cut, torch.eye(3, device=device)) @ shown_in(place)


def tilt(n: int, aspect: torch.Tensor, strength: float) -> torch.Tensor:
    """A small rotation in the picture's true shape, then a bent plane as of a filmed screen."""
    device = aspect.device
    angle = uniform(n, -1, 1, device) * 0.24 * strength * chance(n, 0.3, device)
    matrix = boxes(torch.zeros_like(angle), torch.zeros_like(angle), angle.cos(), angle.cos())
    matrix[:, 0, 1] = -angle.sin() / aspect
    matrix[:, 1, 0] = angle.sin() * aspect
    bent = chance(n, 0.25, device)
    matrix[:, 2, 0] = uniform(n, -1, 1, device) * 0.22 * strength * bent
    matrix[:, 2, 1] = uniform(n, -1, 1, device) * 0.22 * strength * bent
    return matrix


def edited(n: int, aspect: torch.Tensor, strength: float) -> torch.Tensor:
    """One heavy placement a sample: [n, 3, 3]."""
    device = aspect.device
    kinds = torch.stack(
        [
            slight(n, device),
            crop(n, strength, device),
            bars(n, strength, device),
            inset(n, strength, device),
            half(n, device),
        ]
    )
    shares = torch.tensor([0.27, 0.35, 0.17, 0.11, 0.10 * strength], device=device)
    choice = torch.multinomial(shares, n, replacement=True)
    matrix = kinds[choice, torch.arange(n, device=device)]
    crops_too = (choice >= 2) & chance(n, 0.35, device)
    matrix = torch.where(crops_too[:, None, None], crop(n, 0.6 * strength, device) @ matrix, matrix)
    return matrix @ tilt(n, aspect, strength)


def warp(large: torch.Tensor, small: torch.Tensor, scene: torch.Tensor, edit: torch.Tensor, size: int):
    """Samples sources [n, 3, h, w] at `size`; gives the pictures and where the scene covers the frame [n, 1, s, s].

    `edit` takes places of the frame to places of the scene, `scene` those to the source. A source that would be
    shrunk a lot is read from its half-size version, so that nothing aliases.
    """
    n, device = len(scene), scene.device
    line = (torch.arange(size, device=device) + 0.5) * (2 / size) - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    places = edit @ torch.stack([x.flatten(), y.flatten(), torch.ones_like(x).flatten()])
    places = places[:, :2] / places[:, 2:].clamp(min=0.2)
    covers = (places.abs() <= 1).all(1).reshape(n, 1, size, size).to(large.dtype)
    grid = (scene[:, :2, :2] @ places + scene[:, :2, 2:]).transpose(1, 2).reshape(n, size, size, 2)
    shrink = torch.linalg.det((scene @ edit)[:, :2, :2]).abs().sqrt() * large.shape[-1] / size
    out = torch.empty(n, 3, size, size, device=device)
    for pictures, rows in ((large, shrink < 1.7), (small, shrink >= 1.7)):
        if rows.any():
            out[rows] = functional.grid_sample(
                pictures[rows], grid[rows], padding_mode="border", align_corners=False
            )
    return out, covers
