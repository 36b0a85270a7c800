"""Draws a run's curves: RUN/curves.png from RUN/log.jsonl.

    python -m training.train.plot --run DIR
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    lines = [json.loads(line) for line in (options.run / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "loss" in line]
    checks = [line for line in lines if "held_out_found" in line]
    figure, (losses, found) = pyplot.subplots(1, 2, figsize=(11, 4))
    losses.plot([line["minutes"] for line in steps], [line["loss"] for line in steps], label="InfoNCE")
    losses.plot([line["minutes"] for line in steps], [line["strength"] for line in steps], label="strength of the edits")
    losses.set_xlabel("minutes")
    losses.legend()
    for key, label in (("found", "nearest is the true one"), ("clear", "above 99.9 % of false pairs")):
        found.plot([line["minutes"] for line in checks], [line[f"held_out_{key}"] for line in checks], label=label)
    found.set_xlabel("minutes")
    found.set_ylabel("share of 512 held-out pictures, full edits")
    found.set_ylim(0, 1)
    found.legend()
    figure.tight_layout()
    figure.savefig(options.run / "curves.png", dpi=90)
    print(options.run / "curves.png")


if __name__ == "__main__":
    main()
