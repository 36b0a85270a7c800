"""Descriptors of training pictures, for the score normalisation that `npm run techniques` measures.

    python -m training.export.background --model descriptor.onnx --pack DIR --pictures 1000 --out FILE.i8

int8 [pictures, dims], each row scaled so that its greatest value is 127.
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from training.train.pictures import Pictures

IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    pictures = Pictures(options.pack, torch.device("cpu"))
    rows = np.random.default_rng(3).permutation(pictures.training)[: options.pictures]
    session = onnxruntime.InferenceSession(options.model)
    described = []
    for part in np.array_split(rows, max(1, len(rows) // 64)):
        frames = pictures.take(part)[0].numpy()
        described.append(session.run(None, {"frames": frames, "view": IDENTITY})[0])
    vectors = np.concatenate(described)
    codes = np.rint(127 * vectors / np.abs(vectors).max(1, keepdims=True)).astype(np.int8)
    codes.tofile(options.out)
    print(f"{options.out}: {codes.shape[0]} descriptors of {codes.shape[1]}")


if __name__ == "__main__":
    main()
