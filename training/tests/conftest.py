import json

import numpy as np
import pytest

from training.data.clips import thumbs
from training.data.pack import LARGE


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """A pack of two scenes of two clips, 6 s each: a square wanders over a background of the scene's own."""
    folder = tmp_path_factory.mktemp("clips")
    random = np.random.default_rng(1)
    about, pictures = [], []
    for scene in range(2):
        ground = random.integers(0, 256, (LARGE, LARGE, 3), np.uint8) // 2
        for clip in range(2):
            frames = np.repeat(ground[None], 48, 0)
            for t in range(48):
                y, x = (40 + 35 * np.sin([t / (5 + clip), t / (7 - 2 * clip) + scene])).astype(int)
                frames[t, y : y + 40, x : x + 40] = 255
            about.append({"file": f"{scene}{clip}.mp4", "group": f"scene-{scene}", "licence": "MIT", "aspect": 1.5,
                          "first": 48 * len(about), "count": 48, "held_out": scene == 1})
            pictures.append(frames)
    np.save(folder / "frames.npy", np.concatenate(pictures))
    np.save(folder / "thumbs.npy", thumbs(np.concatenate(pictures)))
    (folder / "clips.json").write_text(json.dumps(about))
    return folder


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(2)
    large = random.integers(0, 256, (24, LARGE, LARGE, 3), np.uint8)
    np.save(folder / "large.npy", large)
    np.save(folder / "small.npy", large[:, ::2, ::2])
    np.save(folder / "aspect.npy", np.ones(24, np.float32))
    np.save(folder / "held_out.npy", np.arange(24) < 8)
    return folder
