"""vPDQ as a baseline: python3 vpdq.py --set DIR --out pairs.csv [--at-once N]

vPDQ (Meta, ThreatExchange) hashes one frame a second with PDQ and compares two videos as bags of hashes: frames of
quality below 50 are dropped, equal hashes count once, and a frame is matched when the other video has one within a
Hamming distance of 31. Its rule has two percentages, of the query's frames and of the other video's. The defaults
of ThreatExchange's own matcher are 80 of the query and 0 of the other: so the share of the query is the score here,
and .8 of it is called a copy.

Columns: query_id,ref_id,score,called,reference_share. Pairs without a matched frame have no row.
"""

import argparse
import csv
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pdqhash

BITS = 256
MAX_DISTANCE = 31
MIN_QUALITY = 50
CALLED_FROM = 0.8
EXTENSIONS = set(".mp4 .m4v .mov .mkv .webm .avi .flv .ts .m2ts .mpg .mpeg .ogv .wmv .asf .3gp".split())
# As PDQ's own tools do, larger pictures are brought to 512 × 512 first. round=up: the frame shown at each second.
FILTER = "fps=1:round=up,scale='if(gt(max(iw,ih),512),512,iw)':'if(gt(max(iw,ih),512),512,ih)'"


def frames_of(file: Path):
    """RGB pictures, one a second: ffmpeg writes PPM, whose header gives each one's size."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", str(file)]
    command += ["-vf", FILTER, "-f", "image2pipe", "-c:v", "ppm", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        stream = process.stdout
        while stream.readline():
            width, height = map(int, stream.readline().split())
            stream.readline()
            pixels = np.frombuffer(stream.read(width * height * 3), np.uint8)
            if pixels.size < width * height * 3:
                break
            yield pixels.reshape(height, width, 3)


def signs_of(file: Path) -> np.ndarray:
    """Distinct hashes of good quality as rows of ±1: a product of two rows is 256 − 2 × their distance."""
    hashed = [pdqhash.compute(np.ascontiguousarray(frame)) for frame in frames_of(file)]
    if not hashed:
        print(f"vpdq: no frames in {file}", file=sys.stderr)
    good = [bits for bits, quality in hashed if quality >= MIN_QUALITY]
    if not good:
        return np.empty((0, BITS), np.float32)
    return np.unique(np.array(good, np.float32), axis=0) * 2 - 1


def videos_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in EXTENSIONS)


def matches_of(query: np.ndarray, references: list[np.ndarray]):
    """(position, share of the query, share of the reference) of every reference with a matched frame."""
    filled = [i for i, signs in enumerate(references) if len(signs)]
    if not len(query) or not filled:
        return
    starts = np.cumsum([0] + [len(references[i]) for i in filled[:-1]])
    near = query @ np.concatenate([references[i] for i in filled]).T >= BITS - 2 * MAX_DISTANCE
    query_matched = np.logical_or.reduceat(near, starts, axis=1).sum(axis=0)
    reference_matched = np.add.reduceat(near.any(axis=0).astype(int), starts)
    for i, in_query, in_reference in zip(filled, query_matched, reference_matched):
        if in_query:
            yield i, in_query / len(query), in_reference / len(references[i])


def with_progress(label: str, results, total: int) -> list:
    done = []
    for result in results:
        done.append(result)
        if len(done) % 50 == 0 or len(done) == total:
            print(f"{label} {len(done)}/{total}", file=sys.stderr, flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--at-once", type=int, default=2)
    options = parser.parse_args()
    reference_files = videos_in(options.set / "references")
    query_files = videos_in(options.set / "queries")
    with ThreadPoolExecutor(options.at_once) as pool:
        references = with_progress("vPDQ: references", pool.map(signs_of, reference_files), len(reference_files))
        queries = with_progress("vPDQ: queries", pool.map(signs_of, query_files), len(query_files))
    with options.out.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["query_id", "ref_id", "score", "called", "reference_share"])
        for file, query in zip(query_files, queries):
            for i, in_query, in_reference in matches_of(query, references):
                called = int(in_query >= CALLED_FROM)
                row = [file.stem, reference_files[i].stem, f"{in_query:.6f}", called, f"{in_reference:.6f}"]
                writer.writerow(row)


if __name__ == "__main__":
    main()
