import numpy as np
import onnx
import pytest
import torch

from training.export.network import build
from training.export.regions import OUTPUTS, WHOLE, largest_difference, session, stored_bytes
from training.export.separation import describes, in_bits
from training.export.settled import batches, components, projections, settle
from training.model.network import Network
from training.train.regions import network_of


def noisy(backbone: str) -> Network:
    """Every parameter and statistic off its beginning, so that a forgotten one shows."""
    torch.manual_seed(0)
    network = network_of({"backbone": backbone, "dims": 16, "region_dims": 8, "initial": "published" if backbone == "lite0" else "none"})
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.running_mean += 0.05 * torch.randn_like(module.running_mean)
                module.running_var *= torch.rand_like(module.running_var) * 0.2 + 0.9
        network.weigh.outer.weight += torch.randn_like(network.weigh.outer.weight)
    return network.eval()


def some_projection(dims: int, fewer: int):
    random = np.random.default_rng(dims)
    return random.normal(0, 0.02, dims).astype(np.float32), random.normal(size=(dims, fewer)).astype(np.float32)


@pytest.mark.parametrize("backbone", ["plain", "lite0"])
def test_onnx_runtime_gives_what_pytorch_gives(backbone: str) -> None:
    network, projected = noisy(backbone), (some_projection(16, 8), some_projection(8, 4))
    graph = build(network, 64, *projected)
    assert largest_difference(graph.SerializeToString(), network, 64, projected) < 2e-4
    assert [output.name for output in graph.graph.output] == OUTPUTS
    assert graph.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8


def test_frames_alone_can_be_asked_for_at_any_size() -> None:
    graph = build(noisy("plain"), 64, some_projection(16, 8), some_projection(8, 4)).SerializeToString()
    for side in (96, 192):
        (found,) = session(graph).run(["descriptors"], {"frames": np.zeros((2, side, side, 3), np.uint8), "view": WHOLE})
        assert found.shape == (2, 8) and np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_settled_and_projected_weights(photos, clips, tmp_path) -> None:
    network = noisy("plain")
    config = {"licences": "any"}
    settle(network, batches(photos, clips, config, 32, 2, 0.5))
    projected = projections(network, batches(photos, clips, config, 32, 2, 0.5), 8, 4, 0.5)
    file = tmp_path / "small.onnx"
    file.write_bytes(build(network, 32, *projected).SerializeToString())
    pictures = torch.rand(3, 3, 48, 48)
    frames, regions, weights = describes(file)(pictures)
    assert frames.shape == (3, 8) and regions.shape == (3, 9, 4) and weights.shape == (3, 9)
    coarse = in_bits(describes(file), 4)(pictures)[1]
    assert 0.9 < (coarse * regions).sum(-1).mean() < 0.99999


def test_components_keep_the_largest() -> None:
    torch.manual_seed(1)
    vectors = torch.randn(500, 3) * torch.tensor([0.1, 5.0, 1.0]) + 7
    centre, matrix = components(vectors, 2, 0.0)
    assert abs(centre - 7).max() < 1 and abs(matrix[1, 0]) > 0.99 and abs(matrix[2, 1]) > 0.9


def test_stored_bytes() -> None:
    assert stored_bytes(128, 8, 32, 8) == 120 * (128 + 288 + 4.5)
    assert stored_bytes(96, 4, 24, 4) < 20_000
