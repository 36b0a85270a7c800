"""Writes a trained descriptor as the ONNX graph that the service runs, and its manifest.

    python -m training.export.descriptor --weights best.pt --config config.json --projection FILE.npz --out DIR

The graph takes frames as the decoder writes them, uint8 [n, h, w, 3], and a view, float32 [2, 3]: the affine map
from a place in the view to a place in the frame, both −1 … 1 (the identity shows the whole frame, a crop scales,
a mirror negates, a quarter turn swaps). It gives float32 [n, dims], each of length 1. Sampling of the view, scaling,
batch normalisation (folded into the convolutions) and the projection are all in the graph.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.model.net import Block, Descriptor

OPSET = 17


class Graph:
    """Collects nodes and weights; each operation gives its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, value, kind=np.float32) -> str:
        name = f"w{len(self.weights)}"
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array.astype(kind)), name))
        return name

    def add(self, operation: str, *inputs: str, **attributes) -> str:
        name = f"{operation.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def conv(self, x: str, conv: torch.nn.Conv2d, norm: torch.nn.BatchNorm2d) -> str:
        fused = fuse_conv_bn_eval(conv, norm)
        return self.add(
            "Conv", x, self.weight(fused.weight), self.weight(fused.bias),
            strides=list(conv.stride), pads=[conv.padding[0]] * 4, kernel_shape=list(conv.kernel_size),
        )

    def block(self, x: str, block: Block) -> str:
        y = self.add("Relu", self.conv(x, block.first, block.first_norm))
        y = self.conv(y, block.second, block.second_norm)
        shortcut = self.conv(x, *block.shortcut) if len(block.shortcut) else x
        return self.add("Relu", self.add("Add", y, shortcut))


def seen(graph: Graph, size: int) -> str:
    """The view of each frame, float32 [n, 3, size, size] in −1 … 1."""
    channels_first = graph.add("Cast", graph.add("Transpose", "frames", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    line = (np.arange(size) + 0.5) * (2 / size) - 1
    places = np.stack([np.tile(line, size), np.repeat(line, size), np.ones(size * size)])
    grid = graph.add("Transpose", graph.add("MatMul", "view", graph.weight(places)), perm=[1, 0])
    count = graph.add("Slice", graph.add("Shape", "frames"), graph.weight([0], np.int64), graph.weight([1], np.int64))
    shape = graph.add("Concat", count, graph.weight([size, size, 2], np.int64), axis=0)
    grid = graph.add("Reshape", grid, graph.weight([1, size, size, 2], np.int64))
    grid = graph.add("Expand", grid, shape)
    sampled = graph.add("GridSample", channels_first, grid, mode="bilinear", padding_mode="border", align_corners=0)
    return graph.add("Sub", graph.add("Mul", sampled, graph.weight(2 / 255)), graph.weight(1.0))


def build(model: Descriptor, size: int, centre: np.ndarray, projection: np.ndarray) -> onnx.ModelProto:
    """`centre` [dims] is subtracted from the unit descriptor, `projection` [dims, fewer] then applied."""
    graph = Graph()
    x = graph.add("Relu", graph.conv(seen(graph, size), model.stem[0], model.stem[1]))
    for block in model.blocks:
        x = graph.block(x, block)
    power = model.pool.power.item()
    x = graph.add("Pow", graph.add("Clip", x, graph.weight(1e-4)), graph.weight(power))
    x = graph.add("Pow", graph.add("ReduceMean", x, axes=[2, 3], keepdims=0), graph.weight(1 / power))
    scale = torch.rsqrt(model.spread.running_var + model.spread.eps)
    weight, bias = model.project.weight * scale[:, None], -model.spread.running_mean * scale
    x = graph.add("Gemm", x, graph.weight(weight), graph.weight(bias), transB=1)
    x = graph.add("LpNormalization", x, axis=1, p=2)
    x = graph.add("MatMul", graph.add("Sub", x, graph.weight(centre)), graph.weight(projection))
    graph.nodes.append(helper.make_node("LpNormalization", [x], ["descriptors"], axis=1, p=2))
    outline = helper.make_graph(
        graph.nodes,
        "twinframe",
        [
            helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", "h", "w", 3]),
            helper.make_tensor_value_info("view", TensorProto.FLOAT, [2, 3]),
        ],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ["n", projection.shape[1]])],
        graph.weights,
    )
    model_proto = helper.make_model(outline, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    model_proto.producer_name = "twinframe"
    onnx.checker.check_model(model_proto, full_check=True)
    return model_proto


def load(weights: Path, config: Path) -> Descriptor:
    settings = json.loads(config.read_text())
    model = Descriptor(tuple(settings["widths"]), settings["dims"])
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--projection", type=Path, help="from training.export.projection; none keeps all dimensions")
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file")
    options = parser.parse_args()
    model = load(options.weights, options.config)
    dims = model.project.out_features
    centre, projection = np.zeros(dims, np.float32), np.eye(dims, dtype=np.float32)
    if options.projection:
        stored = np.load(options.projection)
        centre, projection = stored["centre"], stored["projection"]
    graph = build(model, options.size, centre, projection).SerializeToString()
    options.out.write_bytes(graph)
    print(f"{options.out}: {len(graph)} bytes, {projection.shape[1]} dims, sha256 {hashlib.sha256(graph).hexdigest()}")


if __name__ == "__main__":
    main()
