import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
CONFIG = json.loads((ROOT / "training/configs/regions-plain-taught.json").read_text()) | {
    "teacher": 0, "dims": 16, "region_dims": 8, "photos": 4, "single_frames": 1, "scenes": 1, "sizes": [[1.0, 32]],
    "sheets": 4, "log_every": 1, "check_every": 1000, "check_scenes": 2, "average": 0.5,
}


def command(folder: Path, config: dict, photos: Path, clips: Path, out: str) -> list[str]:
    file = folder / f"{out}.json"
    file.write_text(json.dumps(config))
    parts = {"config": file, "photos": photos, "clips": clips, "out": folder / out, "threads": 1}
    return [sys.executable, "-m", "training.train.regions", *(str(p) for name, v in parts.items() for p in (f"--{name}", v))]


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_stopped_run_ends_where_an_unstopped_one_does(photos, clips, tmp_path) -> None:
    whole = command(tmp_path, CONFIG | {"steps": 6}, photos, clips, "whole")
    subprocess.run(whole, cwd=ROOT, check=True, capture_output=True)
    halted = command(tmp_path, CONFIG | {"steps": 6}, photos, clips, "halted")
    run = subprocess.Popen(halted, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for line in run.stdout:
        if '"step": 2,' in line:
            run.send_signal(signal.SIGTERM)
            break
    run.stdout.read()
    assert run.wait() == 0 and 2 <= lines(tmp_path / "halted")[-1]["stopped_at"] < 6
    subprocess.run(halted, cwd=ROOT, check=True, capture_output=True)
    assert any("resumed_at" in line for line in lines(tmp_path / "halted"))
    one, two = (torch.load(tmp_path / name / "averaged.pt", weights_only=True) for name in ("whole", "halted"))
    assert all(torch.allclose(one[name].float(), two[name].float(), atol=1e-5) for name in one)


def test_other_settings_and_a_second_run_are_refused(photos, clips, tmp_path) -> None:
    started = command(tmp_path, CONFIG | {"steps": 1}, photos, clips, "out")
    subprocess.run(started, cwd=ROOT, check=True, capture_output=True)
    other = command(tmp_path, CONFIG | {"steps": 2}, photos, clips, "out")
    refused = subprocess.run(other, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 1 and "other settings" in refused.stderr
    import fcntl

    with open(tmp_path / "out" / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused = subprocess.run(started, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 1 and "has a run already" in refused.stderr
    assert os.path.exists(tmp_path / "out" / "checkpoint.pt")
