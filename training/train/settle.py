"""Measures batch normalisation's means and variances anew for averaged weights.

    python -m training.train.settle --weights best.pt --config config.json --pack DIR --out settled.pt

Averaging weights over a run averages those statistics too, which then fit the averaged weights badly.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from training.augment.overlays import draw_sheets
from training.augment.views import views
from training.model.net import Descriptor
from training.train.pictures import Pictures
from training.train.validate import validate

BATCHES = 30
BATCH = 128


@torch.no_grad()
def settle(model: Descriptor, pictures: Pictures, sheets: torch.Tensor, size: int) -> None:
    norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    random = np.random.default_rng(3)
    for _ in range(BATCHES):
        rows = random.choice(pictures.training, BATCH, replace=False)
        # Light and heavy views: what a library and its copies look like together.
        model(torch.cat(views(*pictures.take(rows), sheets, size, 0.7)) * 2 - 1)
    model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(5)
    config = json.loads(options.config.read_text())
    model = Descriptor(tuple(config["widths"]), config["dims"])
    model.load_state_dict(torch.load(options.weights, map_location="cpu", weights_only=True))
    pictures, sheets = Pictures(options.pack, torch.device("cpu")), draw_sheets(200, 8)
    print("before", validate(model.eval(), pictures, sheets, options.size))
    settle(model, pictures, sheets, options.size)
    print("after", validate(model, pictures, sheets, options.size))
    torch.save(model.state_dict(), options.out)


if __name__ == "__main__":
    main()
