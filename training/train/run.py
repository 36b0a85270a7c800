"""Trains the descriptor, on CUDA when there is one, else on the CPU. Stopped, it goes on from its last checkpoint.

    python -m training.train.run --config training/configs/NAME.json --pack DIR --out DIR [--minutes N]

OUT gets checkpoint.pt (whole state), best.pt (averaged weights), log.jsonl (a line every `log_every` steps) and
config.json. The schedule runs over `steps` steps, or, with --minutes, over that much time, whatever the machine.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch

from training.augment.overlays import draw_sheets
from training.augment.views import views
from training.model.net import Descriptor
from training.train.loss import contrast, koleo
from training.train.pictures import Pictures
from training.train.validate import validate


def learning_rate(done: float, config: dict) -> float:
    """Linear warm-up, then half a cosine; `done` is the fraction of the run, 0 to 1."""
    warm = config["warm_up"]
    if done < warm:
        return config["learning_rate"] * (0.02 + 0.98 * done / warm)
    return config["learning_rate"] * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm))))


def between(done: float, start: float, end: float, by: float) -> float:
    return start + (end - start) * min(1.0, done / by)


class Run:
    def __init__(self, config: dict, pack: Path, out: Path, minutes: float | None) -> None:
        self.config, self.out, self.minutes = config, out, minutes
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(config["seed"])
        self.pictures = Pictures(pack, self.device)
        self.sheets = draw_sheets(config["sheets"], config["seed"]).to(self.device)
        self.model = Descriptor(tuple(config["widths"]), config["dims"]).to(self.device)
        self.model = self.model.to(memory_format=torch.channels_last)
        self.averaged = torch.optim.swa_utils.AveragedModel(
            self.model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config["average"]), use_buffers=True
        )
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": config["weight_decay"]}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98))
        self.remembered = torch.zeros(0, config["dims"], device=self.device)
        self.step, self.images, self.spent_s = 0, 0, 0.0
        if (out / "checkpoint.pt").exists():
            self.load()

    def load(self) -> None:
        state = torch.load(self.out / "checkpoint.pt", map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.remembered = state["remembered"]
        self.step, self.images, self.spent_s = state["step"], state["images"], state["spent_s"]
        print(f"goes on from step {self.step}", flush=True)

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "remembered": self.remembered,
            "step": self.step,
            "images": self.images,
            "spent_s": self.spent_s,
        }
        torch.save(state, self.out / "checkpoint.tmp")
        (self.out / "checkpoint.tmp").rename(self.out / "checkpoint.pt")
        torch.save(self.averaged.module.state_dict(), self.out / "best.tmp")
        (self.out / "best.tmp").rename(self.out / "best.pt")

    def done(self) -> float:
        if self.minutes is not None:
            return min(1.0, self.spent_s / (60 * self.minutes))
        return min(1.0, self.step / self.config["steps"])

    def size(self) -> int:
        """Small pictures first: most of what is to be learned shows there at half the cost."""
        done = self.done()
        return next(size for until, size in self.config["sizes"] if done <= until)

    def learn(self, rows) -> dict[str, float]:
        config, done = self.config, self.done()
        strength = between(done, config["strength"][0], 1.0, config["strength"][1])
        size = self.size()
        with torch.no_grad():
            light, heavy = views(*self.pictures.take(rows), self.sheets, size, strength)
            both = (torch.cat([light, heavy]) * 2 - 1).contiguous(memory_format=torch.channels_last)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(done, config)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            vectors = self.model(both).float()
        light, heavy = vectors.chunk(2)
        loss = contrast(light, heavy, self.remembered, config["temperature"])
        spread = (koleo(light) + koleo(heavy)) / 2
        weight = between(done, *config["koleo"], 0.5)
        self.optimiser.zero_grad(set_to_none=True)
        (loss + weight * spread).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.averaged.update_parameters(self.model)
        self.remembered = torch.cat([vectors.detach(), self.remembered])[: config["remembered"]]
        return {"loss": loss.item(), "koleo": spread.item(), "strength": strength, "size": size}

    def note(self, figures: dict) -> None:
        line = json.dumps({key: round(value, 5) if isinstance(value, float) else value for key, value in figures.items()})
        print(line, flush=True)
        with open(self.out / "log.jsonl", "a") as log:
            log.write(line + "\n")

    def go(self) -> None:
        config = self.config
        self.model.train()
        batches = self.pictures.epochs(config["batch"], config["seed"], self.step)
        while self.done() < 1:
            started = time.monotonic()
            figures = self.learn(next(batches))
            self.step += 1
            self.images += 2 * config["batch"]
            self.spent_s += time.monotonic() - started
            if self.step % config["log_every"] == 0:
                rates = {"step": self.step, "images": self.images, "minutes": self.spent_s / 60}
                self.note({**rates, **figures, "images_per_s": self.images / self.spent_s})
            if self.step % config["validate_every"] == 0 or self.done() >= 1:
                found = validate(self.averaged.module, self.pictures, self.sheets, config["sizes"][-1][1])
                self.note({"step": self.step, "minutes": self.spent_s / 60, **{f"held_out_{k}": v for k, v in found.items()}})
                self.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    config = json.loads(options.config.read_text())
    (options.out / "config.json").write_text(json.dumps({**config, "minutes": options.minutes}, indent=2) + "\n")
    Run(config, options.pack, options.out, options.minutes).go()


if __name__ == "__main__":
    main()
