"""Writes what PyTorch makes of a few computed pictures, for the test that holds ONNX Runtime to it.

    python -m training.export.reference_vectors --weights best.pt --config config.json [--projection FILE.npz] --out FILE.json
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.export.descriptor import load

SIDE = 192
PICTURES = 4
VIEWS = {
    "whole": [[1, 0, 0], [0, 1, 0]],
    "mirrored": [[-1, 0, 0], [0, 1, 0]],
    "turned": [[0, -1, 0], [1, 0, 0]],
    "part": [[0.55, 0, 0.3], [0, 0.4, -0.2]],
}


def picture(number: int) -> np.ndarray:
    """uint8 [SIDE, SIDE, 3] by integer arithmetic alone: the test computes the same in TypeScript."""
    y, x, channel = np.meshgrid(np.arange(SIDE), np.arange(SIDE), np.arange(3), indexing="ij")
    bumps = (x * (number + 2) + y * (2 * number + 1) + 60 * channel) // (number + 2)
    return (((bumps ^ ((x * y) // (40 + 30 * number))) % 256)).astype(np.uint8)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--projection", type=Path)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = load(options.weights, options.config)
    frames = torch.from_numpy(np.stack([picture(number) for number in range(PICTURES)]))
    frames = frames.permute(0, 3, 1, 2).float()
    vectors = {}
    for name, view in VIEWS.items():
        theta = torch.tensor(view, dtype=torch.float32).expand(PICTURES, 2, 3)
        grid = functional.affine_grid(theta, [PICTURES, 3, options.size, options.size], align_corners=False)
        seen = functional.grid_sample(frames, grid, padding_mode="border", align_corners=False)
        found = model(seen * (2 / 255) - 1)
        if options.projection:
            stored = np.load(options.projection)
            found = (found - torch.from_numpy(stored["centre"])) @ torch.from_numpy(stored["projection"])
            found = functional.normalize(found, dim=1)
        vectors[name] = [[round(value, 6) for value in row] for row in found.tolist()]
    options.out.write_text(json.dumps({"side": SIDE, "views": VIEWS, "vectors": vectors}) + "\n")
    print(options.out)


if __name__ == "__main__":
    main()
