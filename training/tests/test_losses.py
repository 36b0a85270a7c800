import pytest
import torch
from torch.nn.functional import normalize

from training.train.objective import of_moments, relation
from training.train.region_loss import chamfer, change_correlation, find_each, frame_change_correlation, paired_chamfer, twin

CONFIG = {"moments": 1.0, "change_temperature": 0.1, "margins": {"change": 0.4, "similarity": 0.1}}


def sequences(count: int, seed: int = 0) -> torch.Tensor:
    """Regions of a still scene in which the fourth region alone changes."""
    torch.manual_seed(seed)
    x = normalize(torch.randn(1, 1, 9, 64), dim=-1).expand(count, 6, 9, 64).clone()
    x[:, :, 4] = normalize(torch.randn(count, 6, 64), dim=-1)
    return x


def test_change_tells_moments_that_similarity_does_not() -> None:
    x, weights = sequences(4), torch.ones(4, 6, 9)
    change = change_correlation(x, weights, x)
    others = change[~torch.eye(4, dtype=torch.bool)]
    assert change.diagonal().min() > 0.9 and others.max() < 0.6
    cosine = paired_chamfer(x[0], weights[0], x[1])
    assert cosine.min() > 0.75


def test_a_mirrored_copy_is_found_by_its_best_regions() -> None:
    x, weights = sequences(3), torch.ones(3, 6, 9)
    moved = x[:, :, [8, 7, 6, 5, 4, 3, 2, 1, 0]].roll(1, 2)
    change = change_correlation(moved, weights, x)
    assert change.diagonal().min() > 0.9


def test_what_weighs_nothing_does_not_count() -> None:
    x = sequences(2)
    spoilt = x.clone()
    spoilt[:, :, 0] = normalize(torch.randn(2, 6, 64), dim=-1)
    weights = torch.ones(2, 6, 9)
    before = change_correlation(spoilt, weights, x).diagonal()
    weights[:, :, 0] = 0
    assert (change_correlation(spoilt, weights, x).diagonal() > before + 0.2).all()


def test_paired_chamfer_is_the_diagonal_of_chamfer() -> None:
    torch.manual_seed(1)
    q, r = (normalize(torch.randn(5, 9, 8), dim=-1) for _ in range(2))
    weights = torch.rand(5, 9)
    assert torch.allclose(chamfer(q, weights, r).diagonal(), paired_chamfer(q, weights, r), atol=1e-6)


def test_stills_say_nothing() -> None:
    x = normalize(torch.randn(2, 1, 32), dim=-1).expand(2, 6, 32)
    assert frame_change_correlation(x, x).abs().max() < 0.01


def test_twins() -> None:
    assert twin(4).tolist() == [1, 0, 3, 2]


def test_finding_each_prefers_the_diagonal() -> None:
    assert find_each(torch.eye(4), 0.1) < 0.01 < find_each(torch.zeros(4, 4), 0.1)


def test_the_loss_of_moments_falls_when_copies_change_alike() -> None:
    regions = sequences(4).flatten(0, 1)
    frames, weights = normalize(torch.randn(24, 32), dim=-1), torch.ones(24, 9)
    copies = of_moments((frames, regions, weights), (frames, regions, weights), 6, CONFIG)
    swapped = regions.unflatten(0, (4, 6))[twin(4)].flatten(0, 1)
    confused = of_moments((frames, regions, weights), (frames, swapped, weights), 6, CONFIG)
    for name in ("change_found", "change_triplet"):
        assert copies[name] < confused[name], name
    assert copies["change_triplet"] < 0.1


def test_relations_are_equal_whatever_the_space() -> None:
    x = normalize(torch.randn(6, 16), dim=-1)
    turned = x @ torch.linalg.qr(torch.randn(16, 16))[0]
    assert relation(x, turned) < 1e-6 < relation(x, normalize(torch.randn(6, 16), dim=-1))


@pytest.mark.parametrize("licence, unrestricted, clear", [
    ("MIT", True, True), ("CC-BY-SA-4.0", True, True), ("none stated", True, False), ("CC-BY-NC-4.0", False, False),
    ("S-Lab 1.0 (non-commercial)", False, False), ("custom: OPENPOSE", False, False), ("GPL", True, False),
])
def test_licences(licence: str, unrestricted: bool, clear: bool) -> None:
    from training.data.licences import may_train

    assert may_train(licence, "any") and may_train(licence, "unrestricted") == unrestricted
    assert may_train(licence, "clear") == clear
