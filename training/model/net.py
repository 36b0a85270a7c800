"""The descriptor: a small plain residual network with GeM pooling, 2.9 million parameters at the usual widths.

Plain 3×3 convolutions, since they run and train faster on CPUs than depthwise ones of fewer operations.
"""

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two 3×3 convolutions around a shortcut (He et al., Deep Residual Learning, 2015)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if inputs != outputs or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class GeM(nn.Module):
    """Generalised mean over positions, the power learned (Radenović et al., 2018)."""

    def __init__(self, power: float = 3.0) -> None:
        super().__init__()
        self.power = nn.Parameter(torch.tensor(power))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.clamp(min=1e-4).pow(self.power).mean((2, 3)).pow(1 / self.power)


class Descriptor(nn.Module):
    """float32 [n, 3, size, size] in −1 … 1, size a multiple of 32 → float32 [n, dims], each of length 1."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 256), dims: int = 256) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 4, 4, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        blocks: list[nn.Module] = []
        inputs = widths[0]
        for stage, width in enumerate(widths):
            blocks += [Block(inputs, width, 1 if stage == 0 else 2), Block(width, width, 1)]
            inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.pool = GeM()
        self.project = nn.Linear(inputs, dims, bias=False)
        nn.init.orthogonal_(self.project.weight)
        # Without it a few directions of the projection outgrow the rest early, and the descriptors stay in them:
        # 8 of 256 dimensions held all their variance.
        self.spread = nn.BatchNorm1d(dims, affine=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.normalize(self.spread(self.project(self.pool(self.blocks(self.stem(x))))), dim=1)
