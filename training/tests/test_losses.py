import pytest
import torch
from torch.nn.functional import normalize

from training.train.loss import contrast, koleo
from training.train.objective import of_moments, of_pictures, relation
from training.train.region_loss import chamfer, change_correlation, find_each, frame_change_correlation, paired_chamfer, twin

CONFIG = {"moments": 1.0, "change_temperature": 0.1, "margins": {"change": 0.4, "similarity": 0.1}}


def test_contrast_falls_when_each_view_finds_its_own() -> None:
    torch.manual_seed(0)
    x, remembered = normalize(torch.randn(6, 16), dim=1), normalize(torch.randn(20, 16), dim=1)
    assert contrast(x, x, remembered, 0.05) < 0.05 < 1 < contrast(x, x.roll(1, 0), remembered, 0.05)
    # A remembered one that is the same picture again is a wrong answer that looks right.
    assert contrast(x, x, torch.cat([remembered, x]), 0.05) > contrast(x, x, remembered, 0.05) + 0.5


def test_koleo_falls_as_neighbours_part() -> None:
    torch.manual_seed(0)
    near = normalize(torch.ones(4, 8) + 0.01 * torch.randn(4, 8), dim=1)
    assert koleo(torch.eye(4, 8)) < 0 < koleo(near)
    assert torch.isfinite(koleo(torch.ones(3, 8) / 8**0.5))


def test_the_loss_of_pictures_falls_when_copies_are_alike() -> None:
    torch.manual_seed(0)
    frames, regions = normalize(torch.randn(5, 16), dim=1), normalize(torch.randn(5, 9, 8), dim=2)
    weights, remembered = torch.ones(5, 9), normalize(torch.randn(8, 16), dim=1)
    config = {"temperature": 0.05, "regions": 1.0, "region_temperature": 0.05}
    alike = of_pictures((frames, regions, weights), (frames, regions, weights), remembered, config, 0.1)
    other = of_pictures((frames, regions, weights), (frames.roll(1, 0), regions.roll(1, 0), weights), remembered, config, 0.1)
    assert alike["frames"] < other["frames"] and alike["regions"] < other["regions"]
    assert torch.isclose(alike["koleo"], other["koleo"])


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
