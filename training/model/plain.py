"""The network of twinframe 1 as a backbone: the maps of its last three stages."""

import torch
from torch import nn

from training.model.net import Block


class Plain(nn.Module):
    """float32 [n, 3, size, size] in −1 … 1, size a multiple of 32 → three maps [n, channels, size/stride, …]."""

    strides = (8, 16, 32)
    of_frames, of_regions = (1, 2), (0, 1)

    def __init__(self, widths: tuple[int, int, int, int] = (32, 64, 128, 256)) -> None:
        super().__init__()
        self.channels = widths[1:]
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 4, 4, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
        stages, inputs = [], widths[0]
        for number, width in enumerate(widths):
            stages.append(nn.Sequential(Block(inputs, width, 1 if number == 0 else 2), Block(width, width, 1)))
            inputs = width
        self.stages = nn.ModuleList(stages)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        maps = [self.stages[1](self.stages[0](self.stem(x)))]
        for stage in self.stages[2:]:
            maps.append(stage(maps[-1]))
        return maps
