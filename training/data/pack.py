"""Packs training pictures into arrays that a training run maps into memory.

    python -m training.data.pack --photos photos.tar.gz [--photos more.tar.gz] --videos DIR --out DIR

--photos   tars of pictures; those held out are in the first, and what looks like one of them is left out of the others; --videos   a folder of clips with sources.csv (file, group), of which the fit part
alone is read. OUT gets large.npy uint8 [n, 144, 144, 3], small.npy (half the size, averaged), aspect.npy float32
[n] (width / height before the picture was squashed), held_out.npy bool [n]: pictures for validation, never
trained on.
"""

import argparse
import csv
import io
import subprocess
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from training.data.parts import part_of

LARGE = 144
SMALL = LARGE // 2
HELD_OUT = 512
FRAMES_PER_SECOND = 1
# Mean absolute difference, grey levels: a frame that differs less from the last one kept shows nothing new.
STILL = 4.0
# Of pictures 12 × 12: two that differ less on the whole are one picture, coded twice.
TINY = 12
SAME = 6.0


def squash(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB").resize((LARGE, LARGE), Image.Resampling.BOX, reducing_gap=None))


def photos(path: Path):
    with tarfile.open(path) as tar:
        for member in tar:
            if not member.isfile():
                continue
            with Image.open(io.BytesIO(tar.extractfile(member).read())) as picture:
                yield squash(picture), picture.width / picture.height


def tiny(pixels: np.ndarray) -> np.ndarray:
    block = LARGE // TINY
    return pixels.reshape(TINY, block, TINY, block, 3).mean((1, 3), dtype=np.float32)


def shows_one_of(held_small: np.ndarray, pixels: np.ndarray) -> bool:
    return np.abs(held_small - tiny(pixels)).mean((1, 2, 3)).min() < SAME


def frames(clip: Path, aspect: float):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(clip), "-an"]
    command += ["-vf", f"fps={FRAMES_PER_SECOND},scale={LARGE}:{LARGE}:flags=area", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    last = None
    for frame in np.frombuffer(raw, np.uint8).reshape(-1, LARGE, LARGE, 3):
        if last is not None and np.abs(frame.astype(np.int16) - last).mean() < STILL:
            continue
        last = frame
        yield frame, aspect


def clips(folder: Path):
    with open(folder / "sources.csv", newline="") as file:
        for row in csv.DictReader(file):
            if part_of(row["group"]) == "fit":
                yield from frames(folder / row["file"], int(row["width"]) / int(row["height"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, action="append")
    parser.add_argument("--videos", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    pictures = list(photos(options.photos[0]))
    held_out = np.random.default_rng(0).permutation(len(pictures))[:HELD_OUT]
    held_small = np.stack([tiny(pictures[row][0]) for row in held_out])
    for tar in options.photos[1:]:
        pictures += [(pixels, aspect) for pixels, aspect in photos(tar) if not shows_one_of(held_small, pixels)]
    held_out = np.isin(np.arange(len(pictures)), held_out)
    moving = list(clips(options.videos)) if options.videos else []
    large = np.stack([pixels for pixels, _ in pictures + moving])
    halves = large.reshape(len(large), SMALL, 2, SMALL, 2, 3)
    np.save(options.out / "large.npy", large)
    np.save(options.out / "small.npy", halves.mean((2, 4), dtype=np.float32).round().astype(np.uint8))
    np.save(options.out / "aspect.npy", np.array([aspect for _, aspect in pictures + moving], np.float32))
    np.save(options.out / "held_out.npy", np.concatenate([held_out, np.zeros(len(moving), bool)]))
    print(f"{len(pictures)} photographs ({HELD_OUT} held out), {len(moving)} frames of fit clips")


if __name__ == "__main__":
    main()
