"""The split of clips into a fit part and a test part: the same rule as evaluation/parts.ts."""

import hashlib


def part_of(group: str) -> str:
    return "fit" if hashlib.sha256(group.encode()).digest()[0] < 128 else "test"
