import torch

from training.augment.colour import colour
from training.augment.degrade import degrade, jpeg, low_resolution
from training.augment.geometry import boxes, shown_in, warp
from training.augment.overlays import draw_sheets, lay_over
from training.augment.views import moments, views

SHEETS = draw_sheets(8, 1)


def still(scenes: int, frames: int) -> torch.Tensor:
    """Moments in which nothing moves: every frame of a moment is the same picture."""
    torch.manual_seed(0)
    pictures = torch.nn.functional.interpolate(torch.rand(2 * scenes, 3, 9, 9), size=144) * 255
    return pictures.to(torch.uint8).permute(0, 2, 3, 1).repeat_interleave(frames, 0).contiguous()


def test_a_moment_is_edited_as_one(monkeypatch) -> None:
    # Noise alone differs from frame to frame.
    monkeypatch.setattr(torch, "randn_like", torch.zeros_like)
    frames = still(4, 3)
    for seed in range(6):
        torch.manual_seed(seed)
        for views in moments(frames, frames, torch.ones(len(frames)), SHEETS, 64, 1.0, 3):
            assert views.shape == (24, 3, 64, 64) and 0 <= views.min() and views.max() <= 1
            by_moment = views.unflatten(0, (-1, 3))
            assert (by_moment - by_moment[:, :1]).abs().max() < 1e-4
            assert (by_moment - by_moment.roll(2, 0)).abs().mean((1, 2, 3, 4)).min() > 0.01


def test_both_moments_of_a_scene_show_the_same_part() -> None:
    frames = still(3, 2)
    frames = frames.unflatten(0, (3, 2, 2))[:, :1].expand(3, 2, 2, 144, 144, 3).flatten(0, 2).contiguous()
    torch.manual_seed(3)
    light, _ = moments(frames, frames, torch.ones(12), SHEETS, 64, 0.0, 2)
    scene = light.unflatten(0, (3, 2, 2))
    assert (scene[:, 0] - scene[:, 1]).abs().mean() < (scene[0] - scene[1]).abs().mean() / 2


def test_moved_none_keeps_places() -> None:
    frames = still(3, 2)
    torch.manual_seed(5)
    light, heavy = moments(frames, frames, torch.ones(12), SHEETS[:, :, :1, :1].expand(8, 4, 96, 96) * 0, 64, 0.05, 2, moved=0.0)
    assert (light - heavy).abs().mean() < 0.12


def gradient(count: int, size: int = 32) -> torch.Tensor:
    line = torch.linspace(0, 1, size)
    return torch.stack([line.expand(size, size), line[:, None].expand(size, size), torch.full((size, size), 0.5)]).expand(count, 3, size, size).clone()


def test_every_edit_stays_a_picture_and_follows_the_seed() -> None:
    x = gradient(16)
    edits = {
        "colour": lambda: colour(x.clone(), 1.0, 1.0),
        "degrade": lambda: degrade(x.clone(), 1.0, 1.0),
        "overlay": lambda: lay_over(x.clone(), SHEETS, x.flip(0), 1.0),
    }
    for name, edit in edits.items():
        torch.manual_seed(4)
        once = edit()
        torch.manual_seed(4)
        assert torch.equal(once, edit()), name
        assert once.shape == x.shape and 0 <= once.min() and once.max() <= 1, name
        assert (once - x).abs().mean() > 0.005, name


def test_degrade_without_a_chance_edits_nothing() -> None:
    x = gradient(8)
    assert torch.equal(degrade(x.clone(), 1.0, 0.0), x)


def test_colour_changes_more_the_stronger_it_is() -> None:
    x, changes = gradient(32), []
    for strength in (0.05, 0.4, 1.0):
        torch.manual_seed(6)
        changes.append((colour(x.clone(), strength, 0.65) - x).abs().mean())
    assert changes[0] < changes[1] < changes[2]


def test_jpeg_loses_more_at_lower_quality() -> None:
    torch.manual_seed(1)
    x = torch.rand(4, 3, 32, 32)
    loss = [(jpeg(x.clone(), torch.full((4,), float(quality))) - x).abs().mean() for quality in (90, 50, 10)]
    assert loss[0] < loss[1] < loss[2]


def test_low_resolution_keeps_the_size_and_smooths() -> None:
    torch.manual_seed(1)
    x = torch.rand(2, 3, 32, 32)
    found = low_resolution(x, 4.0, "bilinear")
    assert found.shape == x.shape and found.std() < x.std() / 2


def test_warp_shows_the_box_that_the_edit_names() -> None:
    x = gradient(1, 64)
    half = torch.tensor([0.5])
    right = boxes(half, torch.zeros(1), half, torch.ones(1))
    whole = boxes(torch.zeros(1), torch.zeros(1), torch.ones(1), torch.ones(1))
    shown, covers = warp(x, x[:, :, ::2, ::2], whole, right, 32)
    assert torch.allclose(shown[0, 0, 16], torch.linspace(0.5, 1, 32), atol=0.03) and covers.all()
    _, covers = warp(x, x[:, :, ::2, ::2], whole, shown_in(right), 32)
    assert 0.4 < covers.float().mean() < 0.6


def test_views_of_a_picture_are_nearer_than_those_of_another() -> None:
    torch.manual_seed(2)
    large = (torch.nn.functional.interpolate(torch.rand(12, 3, 6, 6), size=96) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    light, heavy = views(large, large[:, ::2, ::2].contiguous(), torch.ones(12), SHEETS, 48, 0.1)
    assert light.shape == heavy.shape == (12, 3, 48, 48)
    same = (light - heavy).abs().mean((1, 2, 3))
    assert same.median() < (light - heavy.roll(1, 0)).abs().mean((1, 2, 3)).median() / 2
