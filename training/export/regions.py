"""Exports a run of training.train.regions as an ONNX graph, and holds ONNX Runtime to PyTorch.

    python -m training.export.regions --run DIR --photos PACK --clips PACK --out FILE.onnx [--size 128] [--dims 128]
        [--region-dims 32] [--evening 0.5]

Any time while a run goes on: it reads averaged.pt and config.json. Prints the largest difference, the time of a frame on
one core, and how many bytes a minute of video would store.
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch.nn import functional

from training.export.network import Projection, build
from training.export.settled import batches, projections, settle
from training.model.network import Network
from training.model.regions import REGIONS

OUTPUTS = ["descriptors", "regions", "region_weights"]
FRAMES_A_MINUTE = 120
WHOLE = np.array([[1, 0, 0], [0, 1, 0]], np.float32)


def stored_bytes(dims: int, bits: int, region_dims: int, region_bits: int, weight_bits: int = 4) -> float:
    """A minute of video at two frames a second, none dropped."""
    return FRAMES_A_MINUTE * (dims * bits + REGIONS * (region_dims * region_bits + weight_bits)) / 8


def session(graph: bytes | str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@torch.no_grad()
def expected(network: Network, frames: np.ndarray, view: np.ndarray, size: int, projected: tuple[Projection, Projection]):
    """What PyTorch makes of frames uint8 [n, h, w, 3]."""
    theta = torch.from_numpy(view).expand(len(frames), 2, 3)
    grid = functional.affine_grid(theta, [len(frames), 3, size, size], align_corners=False)
    pictures = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    shown = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    found = network(shown * (2 / 255) - 1)
    for values, (centre, matrix) in zip(found, projected):
        yield functional.normalize((values - torch.from_numpy(centre)) @ torch.from_numpy(matrix), dim=-1).numpy()
    yield found[2].numpy()


def largest_difference(graph: bytes, network: Network, size: int, projected: tuple[Projection, Projection]) -> float:
    frames = np.random.default_rng(0).integers(0, 256, (3, 192, 192, 3), np.uint8)
    part, run = np.array([[-0.5, 0, 0.3], [0, 0.6, -0.2]], np.float32), session(graph)
    return max(
        float(np.abs(got - want).max())
        for view in (WHOLE, part)
        for got, want in zip(run.run(OUTPUTS, {"frames": frames, "view": view}), expected(network, frames, view, size, projected))
    )


def frame_ms(graph: bytes) -> float:
    """Of CPU, the least of ten runs of eight frames."""
    frames, run, taken = np.zeros((8, 192, 192, 3), np.uint8), session(graph), []
    for _ in range(11):
        started = time.process_time()
        run.run(OUTPUTS, {"frames": frames, "view": WHOLE})
        taken.append((time.process_time() - started) / 8 * 1000)
    return min(taken[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("run", "photos", "clips", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--size", type=int)
    parser.add_argument("--dims", type=int, default=128)
    parser.add_argument("--region-dims", type=int, default=32)
    parser.add_argument("--evening", type=float, default=0.5)
    parser.add_argument("--batches", type=int, default=20)
    options = parser.parse_args()
    config = json.loads((options.run / "config.json").read_text())
    size = options.size or config["sizes"][-1][1]
    network = Network(config["backbone"], config["dims"], config["region_dims"])
    network.load_state_dict(torch.load(options.run / "averaged.pt", map_location="cpu", weights_only=True))
    packs = (options.photos, options.clips, config, size, options.batches)
    settle(network, batches(*packs, 0.7))
    projected = projections(network, batches(*packs, 0.5), options.dims, options.region_dims, options.evening)
    graph = build(network, size, *projected).SerializeToString()
    difference = largest_difference(graph, network, size, projected)
    options.out.write_bytes(graph)
    print(f"{options.out}: {len(graph)} bytes, sha256 {hashlib.sha256(graph).hexdigest()}")
    print(f"largest difference from PyTorch {difference:.2e}; {frame_ms(graph):.2f} ms a frame on one core")
    for bits, region_bits in ((8, 8), (8, 4), (4, 4)):
        kilobytes = stored_bytes(options.dims, bits, options.region_dims, region_bits) / 1000
        print(f"{options.dims} dims of {bits} bits, 9 × {options.region_dims} of {region_bits}: {kilobytes:.1f} kB a minute")
    if difference > 1e-3:
        raise SystemExit("ONNX Runtime and PyTorch differ")


if __name__ == "__main__":
    main()
