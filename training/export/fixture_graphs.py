"""Writes the tiny graphs that the backend's tests run in place of other people's models.

pooled-sines.onnx, pooled-sines-batch-4.onnx: pictures float32 [n or 4, 3, 32, 32] -> features float32 [n or 4,
    1000], of any length: averages over 8 x 8 places, times weights sin(0.7 row + 0.013 column).
viewed.onnx: frames uint8 [n, h, w, 3] and view float32 [2, 3] -> float32 [n, 48], each of length 1: 4 x 4 places of
    the view, as training/export/descriptor.py samples them.

    python training/export/fixture_graphs.py --out gpu-backend/test/fixtures
"""

import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
SIDE, FEATURES = 4, 1000


def model_of(name: str, nodes: list, inputs: list, outputs: list, constants: dict) -> onnx.ModelProto:
    weights = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="twinframe")
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)
    return model


def pooled_sines(batch: int | str) -> onnx.ModelProto:
    node = helper.make_node
    inputs = 3 * SIDE * SIDE
    nodes = [
        node("AveragePool", ["pictures"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        node("Flatten", ["pooled"], ["flat"], axis=1),
        # The weights are computed, not stored, so that the file stays small.
        node("Range", ["zero", "features_end", "column_step"], ["columns"]),
        node("Add", ["rows", "columns"], ["angles"]),
        node("Sin", ["angles"], ["weights"]),
        node("MatMul", ["flat", "weights"], ["features"]),
    ]
    constants = {
        "rows": (0.7 * np.arange(inputs, dtype=np.float32))[:, None],
        "zero": np.array(0, np.float32),
        "features_end": np.array(0.013 * (FEATURES - 0.5), np.float32),
        "column_step": np.array(0.013, np.float32),
    }
    pictures = helper.make_tensor_value_info("pictures", FLOAT, [batch, 3, 32, 32])
    features = helper.make_tensor_value_info("features", FLOAT, [batch, FEATURES])
    return model_of("pooled-sines", nodes, [pictures], [features], constants)


def viewed() -> onnx.ModelProto:
    node = helper.make_node
    line = (np.arange(SIDE) + 0.5) * (2 / SIDE) - 1
    places = np.stack([np.tile(line, SIDE), np.repeat(line, SIDE), np.ones(SIDE * SIDE)])
    nodes = [
        node("Cast", ["frames"], ["floats"], to=FLOAT),
        node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        node("MatMul", ["view", "places"], ["seen"]),
        node("Transpose", ["seen"], ["seen_pairs"], perm=[1, 0]),
        node("Reshape", ["seen_pairs", "one_grid"], ["grid"]),
        node("Shape", ["frames"], ["count"], start=0, end=1),
        node("Concat", ["count", "grid_rest"], ["grids"], axis=0),
        node("Expand", ["grid", "grids"], ["all_grids"]),
        node("GridSample", ["planes", "all_grids"], ["sampled"], mode="bilinear", padding_mode="border"),
        node("Flatten", ["sampled"], ["flat"], axis=1),
        node("LpNormalization", ["flat"], ["vectors"], axis=1, p=2),
    ]
    constants = {
        "places": places.astype(np.float32),
        "one_grid": np.array([1, SIDE, SIDE, 2], np.int64),
        "grid_rest": np.array([SIDE, SIDE, 2], np.int64),
    }
    inputs = [
        helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", "h", "w", 3]),
        helper.make_tensor_value_info("view", FLOAT, [2, 3]),
    ]
    outputs = [helper.make_tensor_value_info("vectors", FLOAT, ["n", 3 * SIDE * SIDE])]
    return model_of("viewed", nodes, inputs, outputs, constants)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the .onnx files")
    folder = parser.parse_args().out
    graphs = {
        "pooled-sines": pooled_sines("n"),
        "pooled-sines-batch-4": pooled_sines(4),
        "viewed": viewed(),
    }
    for name, model in graphs.items():
        file = folder / f"{name}.onnx"
        file.write_bytes(model.SerializeToString())
        print(f"{file}  {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
