import torch

from training.augment.overlays import draw_sheets
from training.augment.views import moments

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
