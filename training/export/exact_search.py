"""Writes the graphs of the embedded index's exact search: how similar each stored frame is to each query.

codes uint8 [n, d] are 128 more than the stored codes; a stored vector is its codes times its inverse length.

multiply-codes.onnx:  codes, queries int8 [d, q], groups [3] = (-1, rows a group, q)
    -> products int32 [n, q], greatest int32 [n / rows a group, q]. A query is whole numbers of its step: their
    products with the codes are exact; times step and inverse length they are similarities.
nearest-few.onnx:     codes, inverse_lengths [n, 1], queries float32 [q, d], k [1]
    -> similarities [q, k], the greatest first, positions [q, k]. Rows without a length come last.

    python training/export/exact_search.py --out gpu-backend/src/index/embedded
"""

import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT8, UINT8 = TensorProto.FLOAT, TensorProto.INT8, TensorProto.UINT8
value = helper.make_tensor_value_info
CODES = [value("codes", UINT8, ["n", "d"])]
LENGTHS = [value("inverse_lengths", FLOAT, ["n", 1])]


def model_of(name: str, nodes: list, inputs: list, outputs: list, constants: dict) -> onnx.ModelProto:
    initial = [numpy_helper.from_array(array, key) for key, array in constants.items()]
    graph = helper.make_graph(nodes, name, CODES + inputs, outputs, initial)
    imports = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=imports, producer_name="twinframe")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def multiply_codes() -> onnx.ModelProto:
    nodes = [
        helper.make_node("MatMulInteger", ["codes", "queries", "zero_code"], ["products"]),
        helper.make_node("Reshape", ["products", "groups"], ["grouped"]),
        helper.make_node("ReduceMax", ["grouped", "within_group"], ["greatest"], keepdims=0),
    ]
    inputs = [
        value("queries", INT8, ["d", "q"]),
        value("groups", TensorProto.INT64, [3]),
    ]
    constants = {
        "zero_code": np.array(128, np.uint8),
        "within_group": np.array([1], np.int64),
    }
    outputs = [value("products", TensorProto.INT32, ["n", "q"]), value("greatest", TensorProto.INT32, ["group", "q"])]
    return model_of("multiply-codes", nodes, inputs, outputs, constants)


def nearest_few() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Cast", ["codes"], ["floats"], to=FLOAT),
        helper.make_node("Sub", ["floats", "zero_code"], ["centred"]),
        helper.make_node("Mul", ["centred", "inverse_lengths"], ["vectors"]),
        helper.make_node("Reshape", ["inverse_lengths", "flat"], ["lengths"]),
        helper.make_node("Equal", ["lengths", "nothing"], ["is_without"]),
        helper.make_node("Where", ["is_without", "last", "nothing"], ["handicaps"]),
        helper.make_node("Gemm", ["queries", "vectors", "handicaps"], ["products"], transB=1),
        helper.make_node("TopK", ["products", "k"], ["similarities", "positions"], axis=1, largest=1, sorted=1),
    ]
    inputs = LENGTHS + [value("queries", FLOAT, ["q", "d"]), value("k", TensorProto.INT64, [1])]
    outputs = [value("similarities", FLOAT, ["q", "best"]), value("positions", TensorProto.INT64, ["q", "best"])]
    constants = {
        "zero_code": np.array(128, np.float32),
        "flat": np.array([-1], np.int64),
        "nothing": np.array(0, np.float32),
        "last": np.array(-np.inf, np.float32),
    }
    return model_of("nearest-few", nodes, inputs, outputs, constants)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the .onnx files")
    folder = parser.parse_args().out
    for name, model in {"multiply-codes": multiply_codes(), "nearest-few": nearest_few()}.items():
        file = folder / f"{name}.onnx"
        file.write_bytes(model.SerializeToString())
        print(file)


if __name__ == "__main__":
    main()
