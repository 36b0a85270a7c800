"""What more than one global vector would bring: held-out pictures found under full edits, by kind of descriptor.

    python -m training.export.variants --weights settled.pt --config config.json --pack DIR

Two flips averaged, two scales or a middle region concatenated; each as it is and with variances half evened out at
128 dimensions, fitted on training pictures. `mirrored`: the same when the heavy view is also mirrored.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.augment.overlays import draw_sheets
from training.augment.views import views
from training.export.descriptor import load
from training.export.projection import found
from training.train.pictures import Pictures


def resized(x: torch.Tensor, size: int) -> torch.Tensor:
    return functional.interpolate(x, size=size, mode="bilinear", antialias=True)


def middle(x: torch.Tensor) -> torch.Tensor:
    edge = x.shape[-1] // 6
    return resized(x[..., edge:-edge, edge:-edge], x.shape[-1])


KINDS = {
    "one vector": lambda model, x: model(x),
    "two flips averaged": lambda model, x: functional.normalize(model(x) + model(x.flip(3)), dim=1),
    "96 and 64 px side by side": lambda model, x: torch.cat([model(x), model(resized(x, 64))], 1) / 2**0.5,
    "96 and 128 px side by side": lambda model, x: torch.cat([model(x), model(resized(x, 128))], 1) / 2**0.5,
    "whole and middle side by side": lambda model, x: torch.cat([model(x), model(middle(x))], 1) / 2**0.5,
}


@torch.no_grad()
def described(model, pictures: Pictures, rows: np.ndarray, sheets: torch.Tensor, size: int, strength: float):
    """By kind: light, heavy and mirrored heavy descriptors."""
    parts = {name: ([], [], []) for name in KINDS}
    for part in np.array_split(rows, max(1, len(rows) // 128)):
        light, heavy = (view * 2 - 1 for view in views(*pictures.take(part), sheets, size, strength))
        for name, kind in KINDS.items():
            for to, view in zip(parts[name], (light, heavy, heavy.flip(3))):
                to.append(kind(model, view))
    return {name: [torch.cat(views_of) for views_of in kinds] for name, kinds in parts.items()}


def evened(fitted: torch.Tensor, dims: int, evening: float):
    centre = fitted.mean(0)
    _, spread, directions = torch.linalg.svd(fitted - centre, full_matrices=False)
    matrix = directions[:dims].T * (spread[:dims] / spread[0]) ** -evening
    return lambda x: functional.normalize((x - centre) @ matrix, dim=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--pictures", type=int, default=1000)
    options = parser.parse_args()
    torch.manual_seed(1)
    model, pictures = load(options.weights, options.config), Pictures(options.pack, torch.device("cpu"))
    sheets = draw_sheets(200, 9)
    rows = np.random.default_rng(2).permutation(pictures.training)[: options.pictures]
    fitted = described(model, pictures, rows, sheets, options.size, 0.5)
    held_out = described(model, pictures, pictures.validation, sheets, options.size, 1.0)
    for name in KINDS:
        light, heavy, mirrored = held_out[name]
        print(f"{name}: found %.3f, clear %.3f;" % found(light, heavy), "mirrored %.3f, %.3f" % found(light, mirrored))
        project = evened(torch.cat(fitted[name][:2]), 128, 0.5)
        light, heavy, mirrored = (project(x) for x in held_out[name])
        print(f"  128 dims, half evened: found %.3f, clear %.3f;" % found(light, heavy),
              "mirrored %.3f, %.3f" % found(light, mirrored), flush=True)


if __name__ == "__main__":
    main()
