"""Writes the graphs that stand before and after a model that takes floats or gives vectors of any length.

to-float-nchw.onnx: frames uint8 [n, h, w, 3], mean [3], std [3] -> floats float32 [n, 3, h, w],
    (frames / 255 - mean) / std as torchvision's Normalize computes it.
l2-normalise.onnx:  vectors float32 [n, dims] -> normalised float32 [n, dims], each of length 1; zeros stay zeros.

    python training/export/adapters.py --out gpu-backend/src/descriptor
"""

import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, UINT8 = TensorProto.FLOAT, TensorProto.UINT8


def model_of(name: str, nodes: list, inputs: list, outputs: list, constants: list) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="twinframe")
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)
    return model


def to_float_nchw() -> onnx.ModelProto:
    node = helper.make_node
    nodes = [
        # Turned while a value is one byte, and before mean and std, which are then constant over whole planes.
        node("Transpose", ["frames"], ["planes"], perm=[0, 3, 1, 2]),
        node("Cast", ["planes"], ["values"], to=FLOAT),
        node("Div", ["values", "white"], ["scaled"]),
        node("Unsqueeze", ["mean", "plane_axes"], ["plane_mean"]),
        node("Unsqueeze", ["std", "plane_axes"], ["plane_std"]),
        node("Sub", ["scaled", "plane_mean"], ["centred"]),
        node("Div", ["centred", "plane_std"], ["floats"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(255, np.float32), "white"),
        numpy_helper.from_array(np.array([1, 2], np.int64), "plane_axes"),
    ]
    inputs = [
        helper.make_tensor_value_info("frames", UINT8, ["n", "h", "w", 3]),
        helper.make_tensor_value_info("mean", FLOAT, [3]),
        helper.make_tensor_value_info("std", FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("floats", FLOAT, ["n", 3, "h", "w"])]
    return model_of("to-float-nchw", nodes, inputs, outputs, constants)


def l2_normalise() -> onnx.ModelProto:
    nodes = [
        helper.make_node("ReduceL2", ["vectors", "last_axis"], ["length"], keepdims=1),
        helper.make_node("Max", ["length", "smallest"], ["safe_length"]),
        helper.make_node("Div", ["vectors", "safe_length"], ["normalised"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([1], np.int64), "last_axis"),
        numpy_helper.from_array(np.array(1e-12, np.float32), "smallest"),
    ]
    inputs = [helper.make_tensor_value_info("vectors", FLOAT, ["n", "dims"])]
    outputs = [helper.make_tensor_value_info("normalised", FLOAT, ["n", "dims"])]
    return model_of("l2-normalise", nodes, inputs, outputs, constants)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the .onnx files")
    folder = parser.parse_args().out
    for name, model in {"to-float-nchw": to_float_nchw(), "l2-normalise": l2_normalise()}.items():
        file = folder / f"{name}.onnx"
        file.write_bytes(model.SerializeToString())
        print(file)


if __name__ == "__main__":
    main()
