import torch

from training.model.lite0 import Lite0, same_pads
from training.model.network import Network
from training.model.regions import pooled, pooling, spans


def test_spans_overlap_by_half_and_cover_fractions() -> None:
    assert torch.allclose(spans(4) * 2, torch.tensor([[1.0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]))
    assert torch.allclose(spans(3) * 1.5, torch.tensor([[1, 0.5, 0], [0.25, 1, 0.25], [0, 0.5, 1]]))
    assert torch.allclose(pooling(7).sum(0), torch.ones(10))


def test_a_region_sees_its_own_place() -> None:
    maps = torch.zeros(1, 1, 8, 8)
    maps[0, 0, 0, 7] = 1
    lit = pooled(maps)[0, 1:, 0] > 0.05
    assert lit.tolist() == [False, False, True] + [False] * 6


def test_same_padding_is_tensorflows() -> None:
    assert same_pads(3, 2) == (0, 1) and same_pads(5, 2) == (1, 2) and same_pads(5, 1) == (2, 2)


def test_published_weights_fit() -> None:
    backbone = Lite0().eval()
    backbone.load_published()
    with torch.no_grad():
        maps = backbone(torch.zeros(1, 3, 64, 64))
    for found, channels, stride in zip(maps, backbone.channels, backbone.strides, strict=True):
        assert found.shape == (1, channels, 64 // stride, 64 // stride)
    last = maps[-1]
    # Wrongly ordered weights give maps that are all 0 or all at ReLU6's bound.
    assert 0.01 < (last > 0).float().mean() < 0.9 and last.max() < 6


def test_vectors_have_length_one() -> None:
    frames, regions, weights = Network("plain", 32, 16)(torch.rand(4, 3, 64, 64))
    assert torch.allclose(frames.norm(dim=1), torch.ones(4), atol=1e-5)
    assert regions.shape == (4, 9, 16) and torch.allclose(regions.norm(dim=2), torch.ones(4, 9), atol=1e-5)
    assert torch.all((weights > 0) & (weights < 1))
