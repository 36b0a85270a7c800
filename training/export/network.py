"""The ONNX graph of training.model.network.Network.

Inputs `frames` uint8 [n, h, w, 3] and `view` float32 [2, 3] as in training.export.descriptor; outputs `descriptors`
float32 [n, dims] and `regions` float32 [n, 9, region dims], each of length 1, and `region_weights` float32 [n, 9].
Whoever asks for `descriptors` alone gets what a graph without regions gives.
"""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.export.descriptor import OPSET, Graph, seen
from training.model.lite0 import TAPPED, ConvNorm, Lite0
from training.model.network import Network
from training.model.plain import Plain
from training.model.regions import REGIONS, pooling

Projection = tuple[np.ndarray, np.ndarray]


class NetworkGraph(Graph):
    def conv_norm(self, x: str, layer: ConvNorm) -> str:
        fused = fuse_conv_bn_eval(layer.conv, layer.norm)
        before, after = layer.pads
        x = self.add(
            "Conv", x, self.weight(fused.weight), self.weight(fused.bias), group=layer.conv.groups,
            strides=list(layer.conv.stride), pads=[before, before, after, after], kernel_shape=list(layer.conv.kernel_size),
        )
        return x if layer.linear else self.add("Clip", x, self.weight(0.0), self.weight(6.0))

    def lite0(self, x: str, backbone: Lite0) -> list[str]:
        x = self.add("Add", self.add("Mul", x, self.weight(127.5 / 128)), self.weight(0.5 / 128))
        x, maps = self.conv_norm(x, backbone.stem), []
        for number, block in enumerate(backbone.blocks):
            y = self.conv_norm(x, block.expand) if block.expand else x
            if number in TAPPED:
                maps.append(y)
            y = self.conv_norm(self.conv_norm(y, block.depthwise), block.project)
            x = self.add("Add", x, y) if block.residual else y
        return [*maps, self.conv_norm(x, backbone.head)]

    def plain(self, x: str, backbone: Plain) -> list[str]:
        x = self.add("Relu", self.conv(x, backbone.stem[0], backbone.stem[1]))
        maps = []
        for stage in backbone.stages:
            for block in stage:
                x = self.block(x, block)
            maps.append(x)
        return maps[1:]

    def pooled(self, maps: str, channels: int, side: int, columns: slice) -> str:
        """As training.model.regions.pooled, the columns asked for alone: [n, columns, channels]. Exp and Log are vectorised in ONNX Runtime, Pow is not."""
        x = self.add("Reshape", maps, self.weight([0, channels, side * side], np.int64))
        x = self.add("Max", x, self.weight(0.0))
        x = self.add("MatMul", self.add("Mul", x, self.add("Mul", x, x)), self.weight(pooling(side)[:, columns]))
        x = self.add("Log", self.add("Add", x, self.weight(1e-6)))
        x = self.add("Exp", self.add("Mul", x, self.weight(1 / 3)))
        return self.add("Transpose", x, perm=[0, 2, 1])

    def normalised(self, x: str, axis: int) -> str:
        length = self.add("Max", self.add("ReduceL2", x, axes=[axis], keepdims=1), self.weight(1e-12))
        return self.add("Div", x, length)

    def projected(self, x: str, linear: torch.nn.Linear, spread: torch.nn.BatchNorm1d) -> str:
        scale = torch.rsqrt(spread.running_var + spread.eps)
        x = self.add("MatMul", x, self.weight((linear.weight * scale[:, None]).T))
        return self.add("Add", x, self.weight(-spread.running_mean * scale))

    def fewer(self, x: str, axis: int, projection: Projection) -> str:
        centre, matrix = projection
        x = self.add("MatMul", self.add("Sub", x, self.weight(centre)), self.weight(matrix))
        return self.normalised(x, axis)

    def named(self, x: str, output: str) -> None:
        self.nodes.append(helper.make_node("Identity", [x], [output]))


@torch.no_grad()
def build(network: Network, size: int, frames: Projection, regions: Projection) -> onnx.ModelProto:
    """`size` is the side that a view is sampled at; the projections (centre, matrix) are applied to unit vectors."""
    graph = NetworkGraph()
    shown = seen(graph, size)
    backbone = network.backbone
    maps = graph.lite0(shown, backbone) if isinstance(backbone, Lite0) else graph.plain(shown, backbone)

    def features(numbers: tuple[int, ...], columns: slice) -> str:
        parts = (graph.pooled(maps[i], backbone.channels[i], size // backbone.strides[i], columns) for i in numbers)
        return graph.add("Concat", *parts, axis=2)

    frame = graph.add("Squeeze", features(backbone.of_frames, slice(0, 1)), graph.weight([1], np.int64))
    frame = graph.normalised(graph.projected(frame, network.project, network.spread), 1)
    graph.named(graph.fewer(frame, 1, frames), "descriptors")
    region = graph.projected(features(backbone.of_regions, slice(1, None)), network.project_regions, network.spread_regions)
    region = graph.normalised(region, 2)
    graph.named(graph.fewer(region, 2, regions), "regions")
    weigh = network.weigh
    inner = graph.add("Add", graph.add("MatMul", region, graph.weight(weigh.inner.weight.T)), graph.weight(weigh.inner.bias))
    outer = graph.add("MatMul", graph.add("Tanh", inner), graph.weight(weigh.outer.weight.T))
    graph.named(graph.add("Squeeze", graph.add("Sigmoid", outer), graph.weight([2], np.int64)), "region_weights")
    outputs = {"descriptors": ["n", frames[1].shape[1]], "regions": ["n", REGIONS, regions[1].shape[1]], "region_weights": ["n", REGIONS]}
    outline = helper.make_graph(
        graph.nodes,
        "twinframe",
        [
            helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", "h", "w", 3]),
            helper.make_tensor_value_info("view", TensorProto.FLOAT, [2, 3]),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        graph.weights,
    )
    model = helper.make_model(outline, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    model.producer_name = "twinframe"
    onnx.checker.check_model(model, full_check=True)
    return model
