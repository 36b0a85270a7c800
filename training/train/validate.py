"""How well held-out pictures are found again: each heavy view against all light ones."""

import torch

from training.augment.views import views
from training.train.pictures import Pictures


@torch.no_grad()
def validate(model: torch.nn.Module, pictures: Pictures, sheets: torch.Tensor, size: int) -> dict[str, float]:
    """At full strength, the same edits every time. `gap`: mean similarity of true pairs less that of each
    query's best false one; `found`: share whose best is the true one; `clear`: share whose true similarity is
    above 99.9 % of all false ones; `dims`: how many dimensions the light views' variance fills, as the exponential of
    the entropy of its spectrum."""
    was_training = model.training
    model.eval()
    state = torch.random.get_rng_state()
    torch.manual_seed(1)
    light, heavy = [], []
    for rows in torch.from_numpy(pictures.validation).split(128):
        pair = views(*pictures.take(rows.numpy()), sheets, size, 1.0)
        light.append(model(pair[0] * 2 - 1))
        heavy.append(model(pair[1] * 2 - 1))
    torch.random.set_rng_state(state)
    model.train(was_training)
    spectrum = torch.linalg.svdvals(torch.cat(light) - torch.cat(light).mean(0)) ** 2
    spectrum = (spectrum / spectrum.sum()).clamp(min=1e-12)
    scores = torch.cat(heavy) @ torch.cat(light).T
    true = scores.diagonal().clone()
    scores.fill_diagonal_(-1)
    false = scores.max(1).values
    bar = scores.flatten().topk(max(1, scores.numel() // 1000)).values[-1]
    return {
        "found": (true > false).float().mean().item(),
        "clear": (true > bar).float().mean().item(),
        "gap": (true - false).mean().item(),
        "true": true.mean().item(),
        "bar": bar.item(),
        "dims": torch.exp(-(spectrum * spectrum.log()).sum()).item(),
    }
