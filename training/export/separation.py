"""How exported graphs tell copies of a moment from other moments of its scene, on groups held out of training.

    python -m training.export.separation --clips PACK [--scenes 150] --model FILE.onnx [--model FILE.onnx …]

A graph that gives `regions` is asked once a frame; one that gives whole frames alone once for each of nine overlapping
half-size cells besides. Area under the curve, and how many other moments pass where 95 % of the copies do. `placed`
copies keep the frame, `moved` ones are also cropped, framed or tilted. `4 bits`: regions as they would be stored.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from training.augment.overlays import draw_sheets
from training.export.regions import OUTPUTS, WHOLE, session
from training.model.regions import GRID, REGIONS
from training.train.separation import Describe, separation

SIZE = 144
CELLS = [
    np.array([[0.5, 0, x - 0.5], [0, 0.5, y - 0.5]], np.float32)
    for y in np.linspace(0, 1, GRID) for x in np.linspace(0, 1, GRID)
]


def describes(model: Path) -> Describe:
    run = session(str(model))
    gives_regions = "regions" in [output.name for output in run.get_outputs()]

    def of(frames: np.ndarray, view: np.ndarray, outputs: list[str]) -> list[np.ndarray]:
        parts = [run.run(outputs, {"frames": part, "view": view}) for part in np.array_split(frames, -(-len(frames) // 32))]
        return [np.concatenate(values) for values in zip(*parts)]

    def describe(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        frames = (pictures * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        if gives_regions:
            return tuple(torch.from_numpy(values) for values in of(frames, WHOLE, OUTPUTS))
        whole = torch.from_numpy(of(frames, WHOLE, OUTPUTS[:1])[0])
        cells = [torch.from_numpy(of(frames, view, OUTPUTS[:1])[0]) for view in CELLS]
        return whole, torch.stack(cells, 1), torch.ones(len(whole), REGIONS)

    return describe


def in_bits(describe: Describe, bits: int) -> Describe:
    """Regions rounded to `bits` a dimension, each scaled by its largest value."""
    levels = 2 ** (bits - 1) - 1

    def rounded(x: torch.Tensor) -> torch.Tensor:
        scale = x.abs().amax(-1, keepdim=True) / levels
        return torch.nn.functional.normalize((x / scale).round() * scale, dim=-1)

    def coarse(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        frames, regions, weights = describe(pictures)
        return rounded(frames), rounded(regions), weights

    return coarse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, action="append")
    parser.add_argument("--scenes", type=int, default=150)
    options = parser.parse_args()
    torch.set_num_threads(1)
    sheets = draw_sheets(100, 21)
    columns = {}
    for model in options.model:
        describe = describes(model)
        for kind, moved in (("placed", 0.0), ("moved", 1.0)):
            columns[f"{model.stem}, {kind}"] = separation(describe, options.clips, sheets, SIZE, options.scenes, moved)
        columns[f"{model.stem}, placed, 4 bits"] = separation(in_bits(describe, 4), options.clips, sheets, SIZE, options.scenes, 0.0)
    print(f"| {2 * options.scenes} copies, {2 * options.scenes} other moments | {' | '.join(columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for name in next(iter(columns.values())):
        print(f"| {name} | " + " | ".join(f"{told[name][0]:.3f}, {100 * told[name][1]:.0f} %" for told in columns.values()) + " |")


if __name__ == "__main__":
    main()
