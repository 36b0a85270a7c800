"""Writes the simple frame descriptor, luma-dct, as an ONNX graph.

uint8 RGB frames [n, 64, 64, 3] -> L2-normalised float32 descriptors [n, 256].

Luminance is averaged onto a 32 x 32 grid and colour difference onto 8 x 8 (BT.601); the type-II DCT of each
is cut to its lowest frequencies (luminance without its mean, so that brightness does not count), compressed
by a signed square root, and normalised to length 1. Scaling and normalisation live in the graph, so that the
caller hands over the frames exactly as the decoder wrote them.

    python training/export/dct_descriptor.py --out gpu-backend/models/luma-dct
"""

import argparse
import hashlib
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 64
LUMA_GRID, CHROMA_GRID = 32, 8
LUMA_COEFFICIENTS, CHROMA_COEFFICIENTS = 200, 28  # 200 + 2 * 28 = 256
CHROMA_WEIGHT = 0.5  # after the square root
FILE_NAME = "luma-dct-1.onnx"


def dct_matrix(n: int) -> np.ndarray:
    """The orthonormal DCT-II matrix [n, n]."""
    k, x = np.arange(n)[:, None], np.arange(n)[None]
    matrix = np.cos(np.pi * (2 * x + 1) * k / (2 * n)) * np.sqrt(2 / n)
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)


def low_frequencies(n: int, count: int, skip_mean: bool) -> list[int]:
    """Flat positions of the `count` lowest-frequency coefficients of an n x n DCT, diagonal by diagonal."""
    places = [(u, v) for u in range(n) for v in range(n) if not skip_mean or u + v > 0]
    places.sort(key=lambda place: (place[0] + place[1], max(place), place))
    return [u * n + v for u, v in places[:count]]


def build() -> onnx.ModelProto:
    constants, nodes = [], []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    luma = np.array([0.299, 0.587, 0.114])
    blue = (np.array([0, 0, 1.0]) - luma) * 0.564
    red = (np.array([1.0, 0, 0]) - luma) * 0.713
    to_ycbcr = np.stack([luma, blue, red], axis=1).astype(np.float32) / 255

    floats = node("Cast", ["frames"], "floats", to=TensorProto.FLOAT)
    ycbcr = node("MatMul", [floats, constant("to_ycbcr", to_ycbcr)], "ycbcr")
    planes = node("Transpose", [ycbcr], "planes", perm=[0, 3, 1, 2])
    constant("split_sizes", np.array([1, 2], np.int64))
    nodes.append(helper.make_node("Split", [planes, "split_sizes"], ["luma", "chroma"], axis=1))

    def spectrum(plane: str, channels: int, grid: int, indices: list[int]) -> str:
        cell = SIDE // grid
        pooled = node("AveragePool", [plane], f"{plane}_grid", kernel_shape=[cell, cell], strides=[cell, cell])
        dct = constant(f"{plane}_dct", dct_matrix(grid))
        dct_t = constant(f"{plane}_dct_t", dct_matrix(grid).T.copy())
        rows = node("MatMul", [dct, pooled], f"{plane}_rows")
        both = node("MatMul", [rows, dct_t], f"{plane}_spectrum")
        shape = constant(f"{plane}_shape", np.array([-1, channels * grid * grid], np.int64))
        flat = node("Reshape", [both, shape], f"{plane}_flat")
        picked = constant(f"{plane}_indices", np.array(indices, np.int64))
        low = node("Gather", [flat, picked], f"{plane}_low", axis=1)
        magnitude = node("Sqrt", [node("Abs", [low], f"{plane}_abs")], f"{plane}_root")
        return node("Mul", [node("Sign", [low], f"{plane}_sign"), magnitude], f"{plane}_signed_root")

    bright = spectrum("luma", 1, LUMA_GRID, low_frequencies(LUMA_GRID, LUMA_COEFFICIENTS, skip_mean=True))
    colour_plane = low_frequencies(CHROMA_GRID, CHROMA_COEFFICIENTS, skip_mean=False)
    both_planes = colour_plane + [CHROMA_GRID * CHROMA_GRID + index for index in colour_plane]
    colour = spectrum("chroma", 2, CHROMA_GRID, both_planes)
    # An 8 x 8 grid's coefficients are 4 times smaller than a 32 x 32 grid's: sqrt(4) brings them level.
    weight = constant("chroma_weight", np.array(2 * CHROMA_WEIGHT, np.float32))
    joined = node("Concat", [bright, node("Mul", [colour, weight], "colour")], "joined", axis=1)
    length = node("ReduceL2", [joined, constant("last_axis", np.array([1], np.int64))], "length", keepdims=1)
    safe = node("Max", [length, constant("smallest", np.array(1e-6, np.float32))], "safe_length")
    node("Div", [joined, safe], "descriptors")

    graph = helper.make_graph(
        nodes,
        "dct-descriptor",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ["n", 256])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="twinframe")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the .onnx file")
    file = parser.parse_args().out / FILE_NAME
    file.write_bytes(build().SerializeToString())
    print(f"{file}  sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
