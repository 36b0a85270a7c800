"""What lets a run stop at any moment and go on: its checkpoint, its lock, its ear for signals, its log."""

import fcntl
import json
import os
import signal
from pathlib import Path

import torch


class Stop:
    """Set once SIGTERM or SIGINT came; the step in progress is finished and saved."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, *_) -> None:
        self.asked = True


def lock(folder: Path):
    """Held until the process ends, so that no two runs write one folder."""
    file = open(folder / "lock", "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"{folder} has a run already: stop that first") from None
    file.write(str(os.getpid()))
    file.flush()
    return file


def write_whole(value, path: Path) -> None:
    """The file is the old one or the new one, also after a power cut."""
    temporary = path.with_suffix(".tmp")
    with open(temporary, "wb") as file:
        torch.save(value, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def note(folder: Path, figures: dict) -> None:
    line = json.dumps({key: round(value, 5) if isinstance(value, float) else value for key, value in figures.items()})
    print(line, flush=True)
    with open(folder / "log.jsonl", "a") as log:
        log.write(line + "\n")


def agree(folder: Path, config: dict) -> None:
    """A run goes on with the settings it began with; others need another folder."""
    file = folder / "config.json"
    if file.exists() and json.loads(file.read_text()) != config:
        raise SystemExit(f"{file} has other settings than those given: use another --out, or those")
    file.write_text(json.dumps(config, indent=2) + "\n")
