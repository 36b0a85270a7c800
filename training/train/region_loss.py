"""What regions are trained to do: answer regions of a copy, and change as a copy's regions change.

Shapes: q regions [n, 9, d] of queries, r of references, of length 1; sequences [m, t, 9, d]; weights [n, 9].
"""

import torch
from torch.nn import functional

# Mean squared distance of a region from its mean over a moment, below which its change says nothing.
STILL = 0.01
# How sharply the best of nine regions is taken.
SHARPNESS = 12.0


def best(similarities: torch.Tensor) -> torch.Tensor:
    """A smooth maximum over the last axis that gives what a maximum gives where one stands out."""
    return ((similarities * SHARPNESS).softmax(-1) * similarities).sum(-1)


def chamfer(q: torch.Tensor, weights: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
    """[n, m]: the best of the reference's regions for each region of the query, their weighted mean."""
    found = best(torch.einsum("nid,mjd->nmij", q, r))
    return (found * weights[:, None]).sum(-1) / weights.sum(-1)[:, None].clamp(min=1e-6)


def paired_chamfer(q: torch.Tensor, weights: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
    """[n]: the same of the n-th query with the n-th reference alone."""
    found = best(q @ r.transpose(1, 2))
    return (found * weights).sum(-1) / weights.sum(-1).clamp(min=1e-6)


def centred(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x [m, t, …, d] less its mean over t, and its energy [m, …], the mean squared length of that."""
    x = x - x.mean(1, keepdim=True)
    return x, x.square().sum(-1).mean(1)


def change_correlation(q: torch.Tensor, weights: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
    """[m, k]: how alike sequences change, region by region, −1 … 1. q [m, t, 9, d], r [k, t, 9, d], weights [m, t, 9].

    Each query's region takes the reference's region that changes most like it; a region counts by how much it
    changes and by its weight.
    """
    (q, q_energy), (r, r_energy) = centred(q), centred(r)
    cross = torch.einsum("mtid,ktjd->mkij", q, r) / q.shape[1]
    found = best(cross / (torch.sqrt(q_energy[:, None, :, None] * r_energy[None, :, None, :] + 1e-12) + STILL))
    count = (weights.mean(1) * q_energy)[:, None]
    return (found * count).sum(-1) / count.sum(-1).clamp(min=1e-6)


def frame_change_correlation(q: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
    """[m, k]: the same of whole-frame vectors [m, t, d]."""
    (q, q_energy), (r, r_energy) = centred(q), centred(r)
    cross = torch.einsum("mtd,ktd->mk", q, r) / q.shape[1]
    return cross / (torch.sqrt(q_energy[:, None] * r_energy[None] + 1e-12) + STILL)


def triplet(positive: torch.Tensor, negative: torch.Tensor, margin: float) -> torch.Tensor:
    return functional.relu(margin - positive + negative).mean()


def find_each(scores: torch.Tensor, temperature: float) -> torch.Tensor:
    """InfoNCE both ways over scores [n, n], whose true pairs are on the diagonal."""
    true = torch.arange(len(scores), device=scores.device)
    scores = scores / temperature
    return (functional.cross_entropy(scores, true) + functional.cross_entropy(scores.T, true)) / 2


def twin(count: int) -> torch.Tensor:
    """The other moment of each moment's scene: 1, 0, 3, 2, …"""
    return torch.arange(count) ^ 1
