"""What the descriptor is trained to do."""

import torch
from torch.nn import functional


def contrast(light: torch.Tensor, heavy: torch.Tensor, remembered: torch.Tensor, temperature: float) -> torch.Tensor:
    """InfoNCE over all 2n views of a batch and remembered ones of earlier batches (van den Oord et al., 2018)."""
    n = len(light)
    both = torch.cat([light, heavy])
    within = both @ both.T / temperature
    within.fill_diagonal_(-1e4)
    scores = torch.cat([within, both @ remembered.T / temperature], dim=1)
    partner = torch.arange(2 * n, device=light.device).roll(n)
    return functional.cross_entropy(scores, partner)


def koleo(vectors: torch.Tensor) -> torch.Tensor:
    """Pushes each vector from its nearest neighbour (Sablayrolles et al., Spreading vectors, 2019)."""
    similarity = vectors @ vectors.T
    nearest = similarity.fill_diagonal_(-1).argmax(1)
    return -(vectors - vectors[nearest]).norm(dim=1).clamp(min=1e-6).log().mean()
