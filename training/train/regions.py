"""Trains frame and region vectors together. Stopped at any time, it goes on from its last checkpoint.

    python -m training.train.regions --config training/configs/NAME.json --photos PACK --clips PACK --out DIR

PACKs are of training.data.pack and training.data.clips. OUT gets checkpoint.pt (whole state), averaged.pt (weights to
export), log.jsonl and config.json. The schedule runs over steps, never over time, and all that is drawn at random in a
step comes from (seed, step): however often a run is stopped, paused or killed, it is the same run. SIGTERM saves first.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.augment.overlays import draw_sheets
from training.augment.views import moments, views
from training.model.lite0 import Lite0
from training.model.network import FramesOnly, Network
from training.model.regions import pooled
from training.train.moments import Moments
from training.train.objective import Output, of_moments, of_pictures, relation
from training.train.pictures import Pictures
from training.train.run import between, learning_rate
from training.train.separation import separation
from training.train.state import Stop, agree, lock, note, write_whole
from training.train.validate import validate

SAVE_EVERY_S = 180


def network_of(config: dict) -> Network:
    network = Network(config["backbone"], config["dims"], config["region_dims"])
    if config["initial"] == "published":
        network.backbone.load_published()
    return network


def rows_of(output: Output, rows) -> Output:
    return tuple(part[rows] for part in output)


def joined(one: Output, two: Output) -> Output:
    return tuple(torch.cat(pair) for pair in zip(one, two))


class Run:
    def __init__(self, config: dict, photos: Path, clips: Path, out: Path) -> None:
        self.config, self.clips, self.out = config, clips, out
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(config["seed"])
        self.pictures = Pictures(photos, self.device)
        self.scenes = Moments(clips, config["frames"], held_out=False, licences=config["licences"])
        self.sheets = draw_sheets(config["sheets"], config["seed"]).to(self.device)
        self.network = network_of(config).to(self.device, memory_format=torch.channels_last)
        self.averaged = torch.optim.swa_utils.AveragedModel(
            self.network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config["average"]), use_buffers=True
        )
        self.teacher = None
        if config["teacher"]:
            self.teacher = Lite0().to(self.device, memory_format=torch.channels_last).eval().requires_grad_(False)
            self.teacher.load_published()
        self.optimiser = torch.optim.AdamW(list(self.groups()), lr=0.0, betas=(0.9, 0.98))
        self.remembered = torch.zeros(0, config["dims"], device=self.device)
        self.step, self.cpu_s = 0, 0.0
        if (out / "checkpoint.pt").exists():
            self.load()

    def groups(self):
        """Weights that decay and those that do not, of the backbone at its own rate and of the heads."""
        inside = {id(p) for p in self.network.backbone.parameters()}
        for within, rate in ((True, self.config["backbone_rate"]), (False, 1.0)):
            for decays in (True, False):
                found = [p for p in self.network.parameters() if (id(p) in inside) == within and (p.ndim > 1) == decays]
                yield {"params": found, "weight_decay": self.config["weight_decay"] * decays, "rate": rate}

    def load(self) -> None:
        state = torch.load(self.out / "checkpoint.pt", map_location=self.device, weights_only=True)
        for name in ("network", "averaged", "optimiser"):
            getattr(self, name).load_state_dict(state[name])
        self.remembered, self.step, self.cpu_s = state["remembered"], state["step"], state["cpu_s"]
        note(self.out, {"resumed_at": self.step})

    def save(self) -> None:
        state = {name: getattr(self, name).state_dict() for name in ("network", "averaged", "optimiser")}
        state |= {"remembered": self.remembered, "step": self.step, "cpu_s": self.cpu_s}
        write_whole(state, self.out / "checkpoint.pt")
        write_whole(self.averaged.module.state_dict(), self.out / "averaged.pt")

    def done(self) -> float:
        return min(1.0, self.step / self.config["steps"])

    def photographs(self, random: np.random.Generator, size: int, strength: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Views of photographs and of single frames of clips."""
        config = self.config
        rows = random.choice(self.pictures.training, config["photos"], replace=False)
        large, small, aspect = self.pictures.take(rows)
        rows, frame_aspect = self.scenes.single(config["single_frames"], random)
        frames = torch.from_numpy(self.scenes.frames[rows]).to(self.device)
        halves = functional.avg_pool2d(frames.permute(0, 3, 1, 2).float(), 2).round().to(torch.uint8).permute(0, 2, 3, 1)
        aspect = torch.cat([aspect, torch.from_numpy(frame_aspect).to(self.device)])
        return views(torch.cat([large, frames]), torch.cat([small, halves]), aspect, self.sheets, size, strength)

    def sequences(self, random: np.random.Generator, size: int, strength: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Views of moments, two of each scene; a copy was sampled up to 1/8 s earlier or later."""
        frames = self.config["frames"]
        rows, aspect = self.scenes.draw(self.config["scenes"], random)
        late = random.integers(-1, 2, (len(rows), 1))
        plain, copied = (torch.from_numpy(self.scenes.frames[r.ravel()]).to(self.device) for r in (rows, rows + late))
        aspect = torch.from_numpy(np.repeat(aspect, frames)).to(self.device)
        return moments(plain, copied, aspect, self.sheets, size, strength, frames)

    def learn(self) -> dict[str, float]:
        config, done = self.config, self.done()
        random = np.random.default_rng((config["seed"], self.step))
        torch.manual_seed(config["seed"] * 1_000_003 + self.step)
        strength = between(done, config["strength"][0], 1.0, config["strength"][1])
        size = next(size for until, size in config["sizes"] if done <= until)
        with torch.no_grad():
            pairs = [self.photographs(random, size, strength), self.sequences(random, size, strength)]
            x = torch.cat([view for pair in pairs for view in pair]) * 2 - 1
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * learning_rate(done, config)
        out = self.network(x.contiguous(memory_format=torch.channels_last))
        pictures, sequence = len(pairs[0][0]), len(pairs[1][0])
        light, heavy, light_moments, heavy_moments = zip(*(part.split([pictures, pictures, sequence, sequence]) for part in out))
        # One frame of each moment stands among the pictures: the other moment's is its hardest negative there.
        one = torch.arange(0, sequence, config["frames"], device=self.device) + int(random.integers(config["frames"]))
        light, heavy = joined(light, rows_of(light_moments, one)), joined(heavy, rows_of(heavy_moments, one))
        losses = of_pictures(light, heavy, self.remembered, config, between(done, *config["koleo"], 0.5))
        losses |= of_moments(light_moments, heavy_moments, config["frames"], config)
        if self.teacher:
            with torch.no_grad():
                taught = functional.normalize(pooled(self.teacher(x[:pictures])[-1])[:, 0], dim=1)
            losses["relation"] = config["teacher"] * relation(light[0][:pictures], taught)
        self.optimiser.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if torch.isfinite(norm):
            self.optimiser.step()
            self.averaged.update_parameters(self.network)
            self.remembered = torch.cat([light[0].detach(), heavy[0].detach(), self.remembered])[: config["remembered"]]
        return {name: value.item() for name, value in losses.items()} | {"gradient": norm.item(), "images": len(x)}

    def check(self) -> None:
        network, size = self.averaged.module, self.config["sizes"][-1][1]
        found = validate(FramesOnly(network), self.pictures, self.sheets, size)
        figures = {"step": self.step, **{f"held_out_{name}": value for name, value in found.items()}}
        network.eval()
        for kind, moved in (("placed", 0.0), ("moved", 1.0)):
            told = separation(lambda x: network(x * 2 - 1), self.clips, self.sheets, size, self.config["check_scenes"], moved)
            for name in ("frame cosine", "frame change", "region cosine", "region change", "best region change"):
                figures[f"{kind}: {name}, AUC"], figures[f"{kind}: {name}, passed"] = told[name]
        network.train()
        note(self.out, figures)

    def go(self) -> None:
        config, stop, sums, counted, since = self.config, Stop(), {}, 0, time.monotonic()
        saved, begun, images = time.monotonic(), time.process_time() - self.cpu_s, 0
        self.network.train()
        if self.step == 0:
            self.check()
        while self.done() < 1 and not stop.asked:
            figures = self.learn()
            self.step += 1
            self.cpu_s = time.process_time() - begun
            images += figures.pop("images")
            counted += 1
            sums = {name: sums.get(name, 0.0) + value for name, value in figures.items()}
            if self.step % config["log_every"] == 0:
                means = {name: value / counted for name, value in sums.items()}
                rate = images / (time.monotonic() - since)
                note(self.out, {"step": self.step, "cpu_hours": self.cpu_s / 3600, "images_per_s": rate, **means})
                sums, counted, images, since = {}, 0, 0, time.monotonic()
            if self.step % config["check_every"] == 0 or self.done() >= 1:
                self.check()
                since = time.monotonic()
            if time.monotonic() - saved > SAVE_EVERY_S:
                self.save()
                saved = time.monotonic()
        self.save()
        note(self.out, {"stopped_at": self.step, "finished": self.done() >= 1})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    held = lock(options.out)
    config = json.loads(options.config.read_text())
    agree(options.out, config)
    Run(config, options.photos, options.clips, options.out).go()
    held.close()


if __name__ == "__main__":
    main()
