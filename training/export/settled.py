"""Readies averaged weights for export: batch statistics measured anew, projections to fewer dimensions fitted."""

from pathlib import Path

import numpy as np
import torch

from training.augment.overlays import draw_sheets
from training.augment.views import moments, views
from training.model.network import Network
from training.train.moments import Moments
from training.train.pictures import Pictures

FRAMES = 6


def batches(photos: Path, clips: Path, config: dict, size: int, count: int, strength: float):
    """Light and heavy views of photographs and of moments of training scenes, float32 [n, 3, size, size] in −1 … 1."""
    random, device = np.random.default_rng(6), torch.device("cpu")
    torch.manual_seed(6)
    pictures, scenes = Pictures(photos, device), Moments(clips, FRAMES, held_out=False, licences=config["licences"])
    sheets = draw_sheets(200, 8)
    for _ in range(count):
        rows = random.choice(pictures.training, min(48, len(pictures.training)), replace=False)
        drawn, aspect = scenes.draw(min(2, len(scenes.usable)), random)
        frames = torch.from_numpy(scenes.frames[drawn.ravel()])
        aspect = torch.from_numpy(np.repeat(aspect, FRAMES))
        yield torch.cat([
            *views(*pictures.take(rows), sheets, size, strength),
            *moments(frames, frames, aspect, sheets, size, strength, FRAMES),
        ]) * 2 - 1


@torch.no_grad()
def settle(network: Network, shown) -> None:
    """Averaging weights over a run averages batch statistics too, which then fit them badly."""
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.reset_running_stats()
            module.momentum = None
    network.train()
    for x in shown:
        network(x)
    network.eval()


def components(vectors: torch.Tensor, dims: int, evening: float) -> tuple[np.ndarray, np.ndarray]:
    """Centre [d] and matrix [d, dims]: principal components, their variances evened out (0 not, 1 wholly)."""
    centre = vectors.mean(0)
    _, spread, directions = torch.linalg.svd(vectors - centre, full_matrices=False)
    matrix = directions[:dims].T * (spread[:dims] / spread[0]) ** -evening
    return centre.numpy(), np.ascontiguousarray(matrix.numpy())


@torch.no_grad()
def projections(network: Network, shown, dims: int, region_dims: int, evening: float):
    frames, regions = [], []
    for x in shown:
        out = network(x)
        frames.append(out[0])
        regions.append(out[1].flatten(0, 1)[::3])
    return components(torch.cat(frames), dims, evening), components(torch.cat(regions), region_dims, evening)
