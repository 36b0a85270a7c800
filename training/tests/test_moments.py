import numpy as np

from training.train.moments import APART, Moments
from training.train.separation import rank, separation


def test_pairs_are_of_one_scene_and_apart(clips) -> None:
    moments = Moments(clips, 6, held_out=False)
    assert moments.usable == ["scene-0"]
    random = np.random.default_rng(0)
    for _ in range(20):
        found = moments.pair("scene-0", random)
        if found is None:
            continue
        one, two, clip, other = found
        assert clip is not other or abs(int(one[0]) - int(two[0])) >= APART
        for rows, of in ((one, clip), (two, other)):
            # A frame is spare at either end, for copies sampled earlier or later.
            assert of["first"] < rows[0] and rows[-1] < of["first"] + of["count"] - 1


def test_what_is_held_out_is_never_drawn(clips) -> None:
    rows, _ = Moments(clips, 6, held_out=False).draw(1, np.random.default_rng(1))
    singles, _ = Moments(clips, 6, held_out=False).single(4, np.random.default_rng(1))
    assert rows.max() < 96 and singles.max() < 96


def test_rank() -> None:
    import torch

    assert rank(torch.tensor([0.9, 0.8]), torch.tensor([0.1, 0.2])) == (1.0, 0.0)
    assert rank(torch.tensor([0.5, 0.5]), torch.tensor([0.5, 0.5]))[0] == 0.5


def test_pixels_themselves_separate(clips) -> None:
    """Nine cells of a 12 × 12 thumbnail as regions: a square that wanders elsewhere is told by its change."""
    import torch
    from torch.nn.functional import avg_pool2d, normalize

    from training.augment.overlays import draw_sheets

    def describe(x):
        small = avg_pool2d(x, x.shape[-1] // 12).mean(1) - 0.5
        cells = small.unfold(1, 6, 3).unfold(2, 6, 3).flatten(3).flatten(1, 2)
        return normalize(small.flatten(1), dim=1), normalize(cells, dim=2), torch.ones(len(x), 9)

    told = separation(describe, clips, draw_sheets(4, 1), 96, scenes=4, moved=0.0, strength=0.1)
    assert told["region change"][0] > 0.9
