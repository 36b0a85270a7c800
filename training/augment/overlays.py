"""Things laid over a frame: captions, logos, emoji-like shapes, and pieces of other pictures."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn import functional

from training.augment.geometry import chance, each, inside, shown_in, uniform

SIZE = 96
SHEET = (256, 144)
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,.!?#@    "))
FONT_FOLDERS = ("/usr/share/fonts", "/System/Library/Fonts", "C:/Windows/Fonts")


def fonts() -> list[str]:
    found = [str(file) for folder in FONT_FOLDERS for file in sorted(Path(folder).rglob("*.ttf"))]
    if not found:
        raise SystemExit(f"captions need TrueType fonts; there are none under {', '.join(FONT_FOLDERS)}")
    return found


def some_colour(random: np.random.Generator, alpha: int = 255) -> tuple[int, ...]:
    if random.random() < 0.5:
        return (255, 255, 255, alpha) if random.random() < 0.7 else (0, 0, 0, alpha)
    return (*(int(value) for value in random.integers(0, 256, 3)), alpha)


def write(draw: ImageDraw.ImageDraw, random: np.random.Generator, faces: list[str]) -> None:
    face = ImageFont.truetype(faces[random.integers(len(faces))], int(random.integers(9, 34)))
    lines = ["".join(random.choice(LETTERS, random.integers(4, 28))) for _ in range(random.integers(1, 4))]
    place = random.integers((-10, 0), (150, 130)) if random.random() < 0.6 else (random.integers(0, 60), 105)
    text = "\n".join(lines)
    box = draw.multiline_textbbox(tuple(place), text, font=face)
    if random.random() < 0.35:
        draw.rectangle(box, fill=some_colour(random, int(random.integers(120, 256))))
    draw.multiline_text(
        tuple(place), text, font=face, fill=some_colour(random), stroke_width=int(random.integers(0, 3)),
        stroke_fill=some_colour(random),
    )


def shape(draw: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    x, y = random.integers((0, 0), (220, 110))
    size = int(random.integers(12, 70))
    box = (x, y, x + size, y + size * random.uniform(0.4, 1.2))
    kind = random.integers(4)
    if kind == 0:
        draw.rectangle(box, fill=some_colour(random, int(random.integers(130, 256))))
    elif kind == 1:
        draw.rounded_rectangle(box, 6, fill=some_colour(random), outline=some_colour(random), width=2)
    else:
        box = (x, y, x + size, y + size)
        draw.ellipse(box, fill=some_colour(random) if kind == 2 else (250, 210, 60, 255), outline=(0, 0, 0, 255))
        for eye in (0.3, 0.7):
            draw.ellipse((x + size * (eye - 0.06), y + size * 0.3, x + size * (eye + 0.06), y + size * 0.45), fill=(0, 0, 0, 255))
        draw.arc((x + size * 0.25, y + size * 0.35, x + size * 0.75, y + size * 0.8), 20, 160, fill=(0, 0, 0, 255), width=2)


def draw_sheets(count: int, seed: int) -> torch.Tensor:
    """uint8 [count, 4, 96, 96]: RGBA frames that are mostly clear, premultiplied by nothing."""
    random = np.random.default_rng(seed)
    faces = fonts()
    sheets = np.empty((count, SIZE, SIZE, 4), np.uint8)
    for i in range(count):
        sheet = Image.new("RGBA", SHEET)
        draw = ImageDraw.Draw(sheet)
        for _ in range(random.integers(1, 4)):
            if random.random() < 0.6:
                write(draw, random, faces)
            else:
                shape(draw, random)
        sheets[i] = np.asarray(sheet.resize((SIZE, SIZE), Image.Resampling.BOX))
    return torch.from_numpy(sheets).permute(0, 3, 1, 2).contiguous()


def lay_over(x: torch.Tensor, sheets: torch.Tensor, others: torch.Tensor, strength: float, frames: int = 1) -> torch.Tensor:
    """Captions and shapes on some samples, a piece of another picture on others. x, others: [n, 3, s, s]; each `frames`
    consecutive pictures are one moment under one overlay."""
    n, device, size = len(x) // frames, x.device, x.shape[-1]
    rows = each(chance(n, 0.12 + 0.28 * strength, device), frames).nonzero().flatten()
    if len(rows):
        pick = each(torch.randint(len(sheets), (len(rows) // frames,)), frames)
        pick = sheets[pick.to(sheets.device)].to(device).float() / 255
        sheet = functional.interpolate(pick, size=size, mode="area") if size != SIZE else pick
        alpha = sheet[:, 3:]
        x[rows] = x[rows] * (1 - alpha) + sheet[:, :3] * alpha
    rows = each(chance(n, 0.14 * strength, device), frames).nonzero().flatten()
    if len(rows):
        side = uniform(len(rows) // frames, 0.2, 0.25 + 0.3 * strength, device)
        matrix = each(shown_in(inside(side, side * uniform(len(side), 0.8, 1.25, device))), frames)
        grid = functional.affine_grid(matrix[:, :2], [len(rows), 3, size, size], align_corners=False)
        piece = functional.grid_sample(others[rows], grid, align_corners=False, padding_mode="border")
        cover = (grid.abs() <= 1).all(3)[:, None].to(x.dtype)
        x[rows] = x[rows] * (1 - cover) + piece * cover
    return x
