"""Writes the graph of the embedded index's first pass: what each stored frame is at most like each query.

codes uint8 [n, d] (128 more than the code), queries int8 [d, q], steps [q], inverse_lengths [n, 1],
groups [3] = (-1, rows a group, q) -> similarities [n, q], greatest [n / rows a group, q].

A query is whole numbers of its step; the products are of whole numbers, and exact. Rows of a group follow one
another, and n is a whole number of groups.

    python training/export/exact_search.py --out gpu-backend/src/index/embedded
"""

import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def build() -> onnx.ModelProto:
    nodes = [
        helper.make_node(
            "MatMulIntegerToFloat",
            ["codes", "queries", "one", "steps", "zero_code"],
            ["products"],
            domain="com.microsoft",
        ),
        helper.make_node("Mul", ["products", "inverse_lengths"], ["similarities"]),
        helper.make_node("Reshape", ["similarities", "groups"], ["grouped"]),
        helper.make_node("ReduceMax", ["grouped", "within_group"], ["greatest"], keepdims=0),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "exact-search",
        [
            value("codes", TensorProto.UINT8, ["n", "d"]),
            value("queries", TensorProto.INT8, ["d", "q"]),
            value("steps", TensorProto.FLOAT, ["q"]),
            value("inverse_lengths", TensorProto.FLOAT, ["n", 1]),
            value("groups", TensorProto.INT64, [3]),
        ],
        [
            value("similarities", TensorProto.FLOAT, ["n", "q"]),
            value("greatest", TensorProto.FLOAT, ["group", "q"]),
        ],
        [
            numpy_helper.from_array(np.array(1, np.float32), "one"),
            numpy_helper.from_array(np.array(128, np.uint8), "zero_code"),
            numpy_helper.from_array(np.array([1], np.int64), "within_group"),
        ],
    )
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=imports, producer_name="twinframe")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the .onnx file")
    file = parser.parse_args().out / "exact-search.onnx"
    file.write_bytes(build().SerializeToString())
    print(file)


if __name__ == "__main__":
    main()
