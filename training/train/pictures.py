"""The packed pictures of training.data.pack, drawn at random."""

from pathlib import Path

import numpy as np
import torch


class Pictures:
    def __init__(self, folder: Path, device: torch.device) -> None:
        self.device = device
        self.large = np.load(folder / "large.npy", mmap_mode="r")
        self.small = np.load(folder / "small.npy", mmap_mode="r")
        self.aspect = np.load(folder / "aspect.npy")
        held_out = np.load(folder / "held_out.npy")
        self.training = np.flatnonzero(~held_out)
        self.validation = np.flatnonzero(held_out)

    def take(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return tuple(torch.from_numpy(part[rows]).to(self.device) for part in (self.large, self.small, self.aspect))

    def epochs(self, batch: int, seed: int, start: int):
        """Endless batches of row numbers; every picture once an epoch, each epoch in an order of its own."""
        per_epoch = len(self.training) // batch
        step = start
        while True:
            epoch, place = divmod(step, per_epoch)
            order = np.random.default_rng((seed, epoch)).permutation(self.training)
            for at in range(place, per_epoch):
                yield order[at * batch : (at + 1) * batch]
                step += 1
