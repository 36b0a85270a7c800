"""Short sequences of one scene in pairs: a moment and another moment, the hardest negative that there is.

From the pack of training.data.clips. Two moments are of one clip and at least 3 s apart, or of two clips of one group.
A moment in which nothing moves is not drawn, nor a pair that looks the same: no one could tell those apart.
"""

import json
from pathlib import Path

import numpy as np

from training.data.clips import RATE
from training.data.licences import may_train

APART = 3 * RATE
# Grey levels on 12 × 12 thumbnails: the standard deviation over a moment of the place that moves most; the mean
# difference between two moments at the place that differs most.
LEAST_MOTION = 4.0
LEAST_DIFFERENCE = 6.0
# Frames of 8 a second between a moment's frames.
SPACINGS = (2, 3, 4)


class Moments:
    def __init__(self, folder: Path, frames: int, held_out: bool, licences: str = "any") -> None:
        """`frames` are a moment's; `licences` says which clips may be trained on: training.data.licences."""
        self.length = frames
        self.frames = np.load(folder / "frames.npy", mmap_mode="r")
        self.thumbs = np.load(folder / "thumbs.npy")
        clips = json.loads((folder / "clips.json").read_text())
        self.clips = [clip for clip in clips if clip["held_out"] == held_out and may_train(clip["licence"], licences)]
        self.groups: dict[str, list[dict]] = {}
        for clip in self.clips:
            clip["starts"] = {spacing: self.moving(clip, spacing) for spacing in SPACINGS}
            self.groups.setdefault(clip["group"], []).append(clip)
        self.usable = [group for group, members in self.groups.items() if self.pairs_exist(members)]
        sizes = np.array([len(self.groups[group]) for group in self.usable], float)
        self.shares = np.sqrt(sizes) / np.sqrt(sizes).sum()

    def moving(self, clip: dict, spacing: int) -> list[int]:
        """Starts, every quarter of a second, of moments in which something moves; a frame is spare at either end."""
        span = (self.length - 1) * spacing + 1
        last = clip["first"] + clip["count"] - span - 1
        starts = range(clip["first"] + 1, last + 1, RATE // 4)
        return [at for at in starts if self.thumbs[at : at + span : spacing].std(0).max() >= LEAST_MOTION]

    def pairs_exist(self, members: list[dict]) -> bool:
        moving = [clip["starts"][SPACINGS[0]] for clip in members]
        return sum(map(bool, moving)) > 1 or any(starts and starts[-1] - starts[0] >= APART for starts in moving)

    def rows(self, start: int, spacing: int) -> np.ndarray:
        return start + np.arange(self.length) * spacing

    def differ(self, one: np.ndarray, other: np.ndarray) -> bool:
        return np.abs(self.thumbs[one] - self.thumbs[other]).mean(0).max() >= LEAST_DIFFERENCE

    def pair(self, group: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, dict, dict] | None:
        """Rows of two moments of the group and their clips; None when this draw found none that differ."""
        spacing = int(random.choice(SPACINGS))
        members = [clip for clip in self.groups[group] if clip["starts"][spacing]]
        if not members:
            return None
        clip = members[random.integers(len(members))]
        start = int(random.choice(clip["starts"][spacing]))
        others = [other for other in members if other is not clip]
        far = [at for at in clip["starts"][spacing] if abs(at - start) >= APART]
        if others and (not far or random.random() < 0.6):
            other = others[random.integers(len(others))]
            second = int(random.choice(other["starts"][spacing]))
        elif far:
            other, second = clip, int(random.choice(far))
        else:
            return None
        one, two = self.rows(start, spacing), self.rows(second, spacing)
        return (one, two, clip, other) if self.differ(one, two) else None

    def draw(self, scenes: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Rows [2 · scenes, frames], the two moments of a scene after another, and their aspects [2 · scenes]."""
        rows, aspects, taken = [], [], set()
        while len(rows) < 2 * scenes:
            group = str(random.choice(self.usable, p=self.shares))
            found = None if group in taken else self.pair(group, random)
            if found:
                taken.add(group)
                rows += found[:2]
                aspects += [found[2]["aspect"], found[3]["aspect"]]
        return np.stack(rows), np.array(aspects, np.float32)

    def single(self, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Rows of frames of different groups, and their aspects."""
        groups = random.choice(sorted(self.groups), min(count, len(self.groups)), replace=False)
        clips = [self.groups[group][random.integers(len(self.groups[group]))] for group in groups]
        rows = [clip["first"] + int(random.integers(clip["count"])) for clip in clips]
        return np.array(rows), np.array([clip["aspect"] for clip in clips], np.float32)
