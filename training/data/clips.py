"""Packs frames of the fit part's clips, in order, for training on short sequences.

    python -m training.data.clips --videos DIR [--videos DIR …] --out PACK

Each DIR has clips and sources.csv (file, group, width, height, licence), of which the fit part alone is read. PACK gets
frames.npy uint8 [n, 144, 144, 3] at 8 frames a second, clips.json (file, group, aspect, licence, first frame, count,
held out), and thumbs.npy float32 [n, 12, 12], grey levels. About one in four groups of several clips and one in five
of the others are held out of training, by the group's name.
"""

import argparse
import csv
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np

from training.data.pack import LARGE
from training.data.parts import part_of

RATE = 8
THUMB = 12
HELD_OUT_OF_256 = 56


def is_held_out(group: str) -> bool:
    """The second byte of the hash whose first one splits fit from test."""
    return hashlib.sha256(group.encode()).digest()[1] < HELD_OUT_OF_256


def frames(clip: Path) -> np.ndarray:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(clip), "-an"]
    command += ["-vf", f"fps={RATE},scale={LARGE}:{LARGE}:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, LARGE, LARGE, 3)


def rows(folder: Path):
    with open(folder / "sources.csv", newline="") as file:
        for row in csv.DictReader(file):
            if part_of(row["group"]) == "fit":
                yield row


def thumbs(pictures: np.ndarray) -> np.ndarray:
    block = LARGE // THUMB
    return pictures.reshape(len(pictures), THUMB, block, THUMB, block * 3).mean((2, 4), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=Path, required=True, action="append")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    clips, pictures, total = [], [], 0
    for folder in options.videos:
        for row in rows(folder):
            found = frames(folder / row["file"])
            about = {"file": row["file"], "group": row["group"], "licence": row["licence"]}
            about |= {"aspect": int(row["width"]) / int(row["height"]), "held_out": is_held_out(row["group"])}
            clips.append({**about, "first": total, "count": len(found)})
            pictures.append(found)
            total += len(found)
    packed = np.concatenate(pictures)
    np.save(options.out / "frames.npy", packed)
    np.save(options.out / "thumbs.npy", np.concatenate([thumbs(found) for found in pictures]))
    (options.out / "clips.json").write_text(json.dumps(clips, indent=1) + "\n")
    held = [clip for clip in clips if clip["held_out"]]
    print(f"{len(clips)} clips, {total} frames; held out {len(held)} clips of {len({clip['group'] for clip in held})} groups")


if __name__ == "__main__":
    main()
