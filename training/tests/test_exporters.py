"""Graphs of the exporters, run on tiny inputs: against NumPy or PyTorch, and against the graphs that are shipped."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from training.export import adapters, dct_descriptor, descriptor, exact_search, fixture_graphs
from training.model.net import Descriptor

BACKEND = Path(__file__).resolve().parents[2] / "gpu-backend"
WHOLE = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
RANDOM = np.random.default_rng(7)


def run(graph, feeds: dict) -> list[np.ndarray]:
    source = str(graph) if isinstance(graph, Path) else graph.SerializeToString()
    return onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"]).run(None, feeds)


def frames(count: int, height: int, width: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, height, width, 3), np.uint8)


def test_to_float_nchw_is_torchvisions_normalize() -> None:
    pictures, mean, std = frames(2, 4, 6), np.array([0.4, 0.5, 0.6], np.float32), np.array([0.2, 0.25, 0.3], np.float32)
    (found,) = run(adapters.to_float_nchw(), {"frames": pictures, "mean": mean, "std": std})
    expected = ((pictures / 255 - mean) / std).transpose(0, 3, 1, 2)
    assert found.shape == (2, 3, 4, 6) and np.allclose(found, expected, atol=1e-5)


def test_l2_normalise_gives_length_one_and_leaves_zeros() -> None:
    vectors = np.array([[3, 4], [0, 0]], np.float32)
    (found,) = run(adapters.l2_normalise(), {"vectors": vectors})
    assert np.allclose(found, [[0.6, 0.8], [0, 0]])


def test_multiply_codes_is_exact_in_whole_numbers() -> None:
    codes = RANDOM.integers(0, 256, (6, 5), np.uint8)
    queries = RANDOM.integers(-127, 128, (5, 2)).astype(np.int8)
    products, greatest = run(exact_search.multiply_codes(), {"codes": codes, "queries": queries, "groups": np.array([-1, 3, 2])})
    expected = (codes.astype(np.int64) - 128) @ queries.astype(np.int64)
    assert (products == expected).all() and (greatest == expected.reshape(2, 3, 2).max(1)).all()


def test_nearest_few_orders_by_similarity_and_puts_rows_without_a_length_last() -> None:
    codes = np.array([[129, 128], [128, 130], [228, 228], [228, 128]], np.uint8)
    lengths = np.array([[1], [0.5], [0], [0.01]], np.float32)
    queries, k = np.array([[1, 0]], np.float32), np.array([4])
    similarities, positions = run(exact_search.nearest_few(), {"codes": codes, "inverse_lengths": lengths, "queries": queries, "k": k})
    assert sorted(positions[0, :2].tolist()) == [0, 3] and positions[0, 2:].tolist() == [1, 2]
    assert np.allclose(similarities[0, :3], [1, 1, 0]) and similarities[0, 3] == -np.inf


def test_dct_descriptors_have_length_one_and_tell_pictures_apart() -> None:
    (found,) = run(dct_descriptor.build(), dct_feeds())
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    assert np.allclose(found[0] @ found[1], 1, atol=1e-4) and found[0] @ found[2] < 0.5


def dct_feeds() -> dict:
    side = dct_descriptor.build().graph.input[0].type.tensor_type.shape.dim[1].dim_value or 64
    one, other = frames(2, side, side)
    return {"frames": np.stack([one, one, other])}


def test_a_descriptor_exports_to_what_pytorch_gives() -> None:
    torch.manual_seed(0)
    model = Descriptor((4, 6), 8)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.running_mean += 0.05 * torch.randn_like(module.running_mean)
                module.running_var *= torch.rand_like(module.running_var) * 0.2 + 0.9
    model.eval()
    centre, projection = RANDOM.normal(0, 0.1, 8).astype(np.float32), RANDOM.normal(size=(8, 5)).astype(np.float32)
    pictures = frames(3, 32, 32)
    (found,) = run(descriptor.build(model, 32, centre, projection), {"frames": pictures, "view": WHOLE})
    with torch.no_grad():
        plain = model(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() * (2 / 255) - 1).numpy()
    projected = (plain - centre) @ projection
    assert np.allclose(found, projected / np.linalg.norm(projected, axis=1, keepdims=True), atol=1e-4)


def test_a_mirrored_view_is_the_mirrored_picture() -> None:
    pictures, mirrored = frames(2, 8, 8), np.array([[-1, 0, 0], [0, 1, 0]], np.float32)
    graph = fixture_graphs.viewed()
    (viewed,) = run(graph, {"frames": pictures, "view": mirrored})
    (turned,) = run(graph, {"frames": pictures[:, :, ::-1].copy(), "view": WHOLE})
    assert np.allclose(viewed, turned, atol=1e-4) and np.allclose(np.linalg.norm(viewed, axis=1), 1, atol=1e-4)


def codes_feeds() -> dict:
    return {"codes": RANDOM.integers(0, 256, (8, 4), np.uint8)}


@pytest.mark.parametrize("build, file, feeds", [
    (adapters.to_float_nchw, "src/descriptor/to-float-nchw.onnx",
     {"frames": frames(1, 4, 4), "mean": np.full(3, 0.5, np.float32), "std": np.full(3, 0.2, np.float32)}),
    (adapters.l2_normalise, "src/descriptor/l2-normalise.onnx", {"vectors": RANDOM.normal(size=(2, 4)).astype(np.float32)}),
    (exact_search.multiply_codes, "src/index/embedded/multiply-codes.onnx",
     codes_feeds() | {"queries": RANDOM.integers(-127, 128, (4, 2)).astype(np.int8), "groups": np.array([-1, 4, 2])}),
    (exact_search.nearest_few, "src/index/embedded/nearest-few.onnx",
     codes_feeds() | {"inverse_lengths": np.full((8, 1), 0.01, np.float32),
                      "queries": RANDOM.normal(size=(2, 4)).astype(np.float32), "k": np.array([3])}),
    (dct_descriptor.build, "models/luma-dct/luma-dct-1.onnx", dct_feeds()),
    (fixture_graphs.viewed, "test/fixtures/viewed.onnx", {"frames": frames(2, 8, 8), "view": WHOLE}),
    (lambda: fixture_graphs.pooled_sines("n"), "test/fixtures/pooled-sines.onnx",
     {"pictures": RANDOM.random((2, 3, 32, 32), np.float32)}),
])
def test_the_shipped_graph_is_what_the_exporter_writes(build, file: str, feeds: dict) -> None:
    for written, shipped in zip(run(build(), feeds), run(BACKEND / file, feeds), strict=True):
        assert np.allclose(written, shipped, atol=1e-5)
