"""Draws a run of training.train.regions: RUN/curve.png from RUN/log.jsonl.

    python -m training.train.curve --run DIR
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

LOSSES = ("frames", "regions", "change_found", "change_triplet", "region_triplet")
TOLD = ("frame cosine", "frame change", "region change", "best region change")


def by_step(lines: list[dict], key: str) -> tuple[list[int], list[float]]:
    """The last line of each step counts: after a kill some steps are done again."""
    found = {line["step"]: line[key] for line in lines if key in line}
    return sorted(found), [found[step] for step in sorted(found)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    lines = [json.loads(line) for line in (options.run / "log.jsonl").read_text().splitlines()]
    figure, (losses, found, told) = pyplot.subplots(1, 3, figsize=(15, 4))
    for name in LOSSES:
        losses.semilogy(*by_step(lines, name), label=name)
    for name, label in (("found", "nearest is the true one"), ("clear", "above 99.9 % of false pairs")):
        found.plot(*by_step(lines, f"held_out_{name}"), label=label)
    for kind, style in (("placed", "-"), ("moved", "--")):
        for number, name in enumerate(TOLD):
            told.plot(*by_step(lines, f"{kind}: {name}, AUC"), style, color=f"C{number}", label=f"{name}, {kind}")
    losses.set_title("losses")
    found.set_title("512 held-out photographs, full edits")
    told.set_title("copies from other moments, held-out scenes, AUC")
    for axes in (losses, found, told):
        axes.set_xlabel("step")
        axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(options.run / "curve.png", dpi=80)
    print(options.run / "curve.png")


if __name__ == "__main__":
    main()
