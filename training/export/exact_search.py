"""Writes the graph that the embedded index searches with: exact inner products and the best k of them.

queries [q, d], vectors [n, d], k [1] -> similarities [q, k] (descending), positions [q, k].

    python training/export/exact_search.py --out gpu-backend/src/index/embedded
"""

import argparse
import pathlib

import onnx
from onnx import TensorProto, helper


def build() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gemm", ["queries", "vectors"], ["products"], transB=1),
        helper.make_node("TopK", ["products", "k"], ["similarities", "positions"], axis=1, largest=1, sorted=1),
    ]
    graph = helper.make_graph(
        nodes,
        "exact-search",
        [
            helper.make_tensor_value_info("queries", TensorProto.FLOAT, ["q", "d"]),
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", "d"]),
            helper.make_tensor_value_info("k", TensorProto.INT64, [1]),
        ],
        [
            helper.make_tensor_value_info("similarities", TensorProto.FLOAT, ["q", "best"]),
            helper.make_tensor_value_info("positions", TensorProto.INT64, ["q", "best"]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="twinframe")
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
