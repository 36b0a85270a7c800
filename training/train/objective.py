"""The training loss of frames and regions together, and its parts."""

import torch

from training.train.loss import contrast, koleo
from training.train.region_loss import (
    chamfer, change_correlation, find_each, frame_change_correlation, paired_chamfer, triplet, twin,
)

Output = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def of_pictures(light: Output, heavy: Output, remembered: torch.Tensor, config: dict, spread: float) -> dict[str, torch.Tensor]:
    """Light and heavy views of n different pictures."""
    apart = koleo(light[0]) + koleo(heavy[0])
    regions_apart = torch.stack([koleo(light[1][:, i]) for i in range(light[1].shape[1])]).mean()
    return {
        "frames": contrast(light[0], heavy[0], remembered, config["temperature"]),
        "regions": config["regions"] * find_each(chamfer(heavy[1], heavy[2], light[1]), config["region_temperature"]),
        "koleo": spread * (apart / 2 + regions_apart),
    }


def of_moments(light: Output, heavy: Output, frames: int, config: dict) -> dict[str, torch.Tensor]:
    """Light and heavy views of 2 · scenes moments, the two of a scene after another."""
    other = twin(len(light[0]) // frames).to(light[0].device)

    def moments(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(0, (-1, frames))

    change = change_correlation(moments(heavy[1]), moments(heavy[2]), moments(light[1]))
    whole = frame_change_correlation(moments(heavy[0]), moments(light[0]))
    rows = torch.arange(len(other), device=other.device)
    true = paired_chamfer(heavy[1], heavy[2], light[1])
    false = paired_chamfer(heavy[1], heavy[2], moments(light[1])[other].flatten(0, 1))
    found, seen = config["moments"], config["margins"]
    return {
        "change_found": found * find_each(change, config["change_temperature"]),
        "change_triplet": found * triplet(change.diagonal(), change[rows, other], seen["change"]),
        "whole_triplet": 0.5 * found * triplet(whole.diagonal(), whole[rows, other], seen["change"]),
        "region_triplet": found * triplet(true, false, seen["similarity"]),
    }


def relation(frames: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
    """Distillation of how pictures relate (Park et al., 2019): both [n, …] of length 1, compared by all pairs' cosines,
    each centred and scaled over the batch since two networks use different ranges."""
    off = ~torch.eye(len(frames), dtype=torch.bool, device=frames.device)
    ours, theirs = ((x @ x.T)[off] for x in (frames, taught))
    ours, theirs = ((x - x.mean()) / (x.std() + 1e-6) for x in (ours, theirs))
    return torch.nn.functional.smooth_l1_loss(ours, theirs)
