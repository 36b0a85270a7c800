"""Fits the projection from the network's dimensions to fewer, on training pictures, and says what it costs.

    python -m training.export.projection --weights best.pt --config config.json --pack DIR --dims 128 --out FILE.npz

Principal components of light and heavy views together, with their variances evened out by --evening (0 keeps them,
1 whitens: Jégou and Chum, Negative evidences and co-occurrences, 2012). The held-out pictures tell which is best.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from training.augment.overlays import draw_sheets
from training.augment.views import views
from training.export.descriptor import load
from training.train.pictures import Pictures


@torch.no_grad()
def described(model, pictures: Pictures, rows: np.ndarray, sheets: torch.Tensor, size: int, strength: float):
    light, heavy = [], []
    for part in np.array_split(rows, max(1, len(rows) // 128)):
        pair = views(*pictures.take(part), sheets, size, strength)
        light.append(model(pair[0] * 2 - 1))
        heavy.append(model(pair[1] * 2 - 1))
    return torch.cat(light), torch.cat(heavy)


def found(light: torch.Tensor, heavy: torch.Tensor) -> tuple[float, float]:
    """Share of heavy views whose nearest light view is their own, and above 99.9 % of all false pairs."""
    scores = heavy @ light.T
    true = scores.diagonal().clone()
    scores.fill_diagonal_(-1)
    bar = scores.flatten().topk(max(1, scores.numel() // 1000)).values[-1]
    return (true > scores.max(1).values).float().mean().item(), (true > bar).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--dims", type=int, default=128)
    parser.add_argument("--evening", type=float, default=0.0)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.manual_seed(1)
    model, pictures, sheets = load(options.weights, options.config), Pictures(options.pack, torch.device("cpu")), draw_sheets(200, 9)
    rows = np.random.default_rng(2).permutation(pictures.training)[: options.pictures]
    fitted = torch.cat(described(model, pictures, rows, sheets, options.size, 0.5))
    centre = fitted.mean(0)
    _, spread, directions = torch.linalg.svd(fitted - centre, full_matrices=False)
    variances = spread**2 / len(fitted)
    held_out = described(model, pictures, pictures.validation, sheets, options.size, 1.0)
    print(f"as trained, {len(centre)} dims: found %.3f, clear %.3f" % found(*held_out))

    def projection(dims: int, evening: float) -> torch.Tensor:
        return directions[:dims].T * (variances[:dims] / variances[0]) ** (-evening / 2)

    for dims in (64, 96, 128, 192, 256):
        for evening in (0.0, 0.5, 1.0):
            matrix = projection(dims, evening)
            pair = [torch.nn.functional.normalize((part - centre) @ matrix, dim=1) for part in held_out]
            print(f"{dims} dims, evening {evening}: found %.3f, clear %.3f" % found(*pair), flush=True)
    if options.out:
        matrix = projection(options.dims, options.evening)
        np.savez(options.out, centre=centre.numpy(), projection=np.ascontiguousarray(matrix.numpy()))
        print(f"{options.out}: {options.dims} dims, evening {options.evening}")


if __name__ == "__main__":
    main()
