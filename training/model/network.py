"""One forward pass: a vector of the frame, vectors of its 3 × 3 overlapping regions, and how much each region tells."""

import torch
from torch import nn
from torch.nn import functional

from training.model.lite0 import Lite0
from training.model.plain import Plain
from training.model.regions import pooled


class RegionWeight(nn.Module):
    """σ(uᵀ tanh(Wx + b)) (Kordopatis-Zilos et al., ViSiL, 2019)."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.inner = nn.Linear(dims, dims)
        self.outer = nn.Linear(dims, 1, bias=False)
        nn.init.zeros_(self.outer.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.outer(torch.tanh(self.inner(x)))).squeeze(-1)


class Network(nn.Module):
    """float32 [n, 3, size, size] in −1 … 1 → frames [n, dims], regions [n, 9, region_dims], each of length 1;
    region weights [n, 9] in 0 … 1."""

    def __init__(self, backbone: str, dims: int, region_dims: int) -> None:
        super().__init__()
        self.backbone = {"lite0": Lite0, "plain": Plain}[backbone]()
        channels = self.backbone.channels
        self.project = nn.Linear(sum(channels[i] for i in self.backbone.of_frames), dims, bias=False)
        self.project_regions = nn.Linear(sum(channels[i] for i in self.backbone.of_regions), region_dims, bias=False)
        nn.init.orthogonal_(self.project.weight)
        nn.init.orthogonal_(self.project_regions.weight)
        # Without them a few directions outgrow the rest early, and all descriptors stay in those.
        self.spread = nn.BatchNorm1d(dims, affine=False)
        self.spread_regions = nn.BatchNorm1d(region_dims, affine=False)
        self.weigh = RegionWeight(region_dims)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        features = [pooled(maps) for maps in self.backbone(x)]
        frames = self.spread(self.project(torch.cat([features[i][:, 0] for i in self.backbone.of_frames], dim=1)))
        regions = self.project_regions(torch.cat([features[i][:, 1:] for i in self.backbone.of_regions], dim=2))
        regions = functional.normalize(self.spread_regions(regions.flatten(0, 1)).view_as(regions), dim=2)
        return functional.normalize(frames, dim=1), regions, self.weigh(regions)


class FramesOnly(nn.Module):
    """The network as training.train.validate wants it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)[0]
