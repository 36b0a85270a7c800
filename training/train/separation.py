"""How well copies of a moment are told from other moments of the same scene, on groups held out of training.

Each moment's heavy view is compared with its own light view (a copy) and with that of the other moment of its scene.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from training.augment.views import moments
from training.train.moments import Moments
from training.train.region_loss import best, centred, twin

FRAMES = 8
RECALL = 0.95
Describe = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor, torch.Tensor]]


def pairs_of(held: Moments, scenes: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The library's pictures and the copy's uint8 [2 · scenes · frames, h, w, 3], and their aspects. Groups take turns."""
    random = np.random.default_rng(seed)
    rows, aspects, turn = [], [], 0
    while len(rows) < 2 * scenes:
        found = held.pair(held.usable[turn % len(held.usable)], random)
        turn += 1
        if found:
            rows += found[:2]
            aspects += [found[2]["aspect"], found[3]["aspect"]]
    rows = np.stack(rows)
    late = random.integers(-1, 2, (len(rows), 1))
    aspect = torch.from_numpy(np.repeat(np.array(aspects, np.float32), held.length))
    return torch.from_numpy(held.frames[rows.ravel()]), torch.from_numpy(held.frames[(rows + late).ravel()]), aspect


def rank(positive: torch.Tensor, negative: torch.Tensor) -> tuple[float, float]:
    """Area under the curve, and the share of negatives that pass where 95 % of the positives do."""
    above = (positive[:, None] > negative[None]).float() + 0.5 * (positive[:, None] == negative[None]).float()
    bar = positive.sort().values[int((1 - RECALL) * len(positive))]
    return above.mean().item(), (negative >= bar).float().mean().item()


def scores(q: tuple[torch.Tensor, ...], r: tuple[torch.Tensor, ...]) -> dict[str, torch.Tensor]:
    """[m] each, of m aligned pairs of sequences: (frames [m, t, d], regions [m, t, 9, e], weights [m, t, 9])."""
    cosines = (q[1] * r[1]).sum(-1).mean(1)
    (a, a_energy), (b, b_energy) = centred(q[1]), centred(r[1])
    (c, c_energy), (d, d_energy) = centred(q[0]), centred(r[0])
    energy = torch.sqrt(a_energy * b_energy)
    cross = torch.einsum("mtid,mtjd->mij", a, b) / a.shape[1]
    every = cross / (torch.sqrt(a_energy[:, :, None] * b_energy[:, None]) + 1e-3)
    placed = every.diagonal(dim1=1, dim2=2)
    count = a_energy * q[2].mean(1)
    return {
        "frame cosine": (q[0] * r[0]).sum(-1).mean(1),
        "frame change": (c * d).sum(-1).mean(1) / (torch.sqrt(c_energy * d_energy) + 1e-3),
        "region cosine": cosines.mean(1),
        "least region cosine": cosines.min(1).values,
        "region change": (placed * energy).sum(1) / energy.sum(1),
        "region change, weighted": (placed * energy * q[2].mean(1)).sum(1) / (energy * q[2].mean(1)).sum(1),
        "best region change": (best(every) * count).sum(1) / count.sum(1),
        "the region that moves most": placed.gather(1, energy.argmax(1, keepdim=True))[:, 0],
    }


@torch.no_grad()
def separation(describe: Describe, folder: Path, sheets: torch.Tensor, size: int, scenes: int, moved: float, seed: int = 3,
               strength: float = 0.8) -> dict[str, tuple[float, float]]:
    """`describe` takes float32 [n, 3, size, size] in 0 … 1. For each score: area under the curve, passed at 95 % recall."""
    held = Moments(folder, FRAMES, held_out=True)
    plain, copied, aspect = pairs_of(held, scenes, seed)
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    light, heavy = [], []
    scene = 2 * FRAMES
    # Some scenes at a time: pieces of other pictures are taken from the same batch.
    for at in range(0, len(plain), 10 * scene):
        part = slice(at, at + 10 * scene)
        views = moments(plain[part], copied[part], aspect[part], sheets, size, strength, FRAMES, moved)
        light.append(describe(views[0]))
        heavy.append(describe(views[1]))
    torch.random.set_rng_state(state)
    r, q = (tuple(torch.cat(parts).unflatten(0, (-1, FRAMES)) for parts in zip(*views)) for views in (light, heavy))
    other = twin(len(q[0]))
    same, different = scores(q, r), scores(q, tuple(part[other] for part in r))
    return {name: rank(same[name], different[name]) for name in same}
