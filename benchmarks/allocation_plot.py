"""A small plot of curves as SVG, written by hand: no library is worth one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 720
HEIGHT: Final = 480
MARGIN: Final = 64
COLOURS: Final = ("#1b5e9b", "#b3541e", "#3b7d3a")
STEPS: Final = 5


@dataclass(frozen=True)
class Curve:
    """Points (x, y, label) in the order they are joined."""

    name: str
    points: Sequence[tuple[float, float, str]]


class _Axis:
    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self.low, self.high = floor(min(values)), max(ceil(max(values)), floor(min(values)) + 1)
        self.begin, self.end = begin, end

    def at(self, value: float) -> float:
        return round(self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin), 1)

    def ticks(self) -> list[float]:
        return [self.low + (self.high - self.low) * step / STEPS for step in range(STEPS + 1)]


def scatter(curves: Sequence[Curve], across: str, up: str) -> str:
    """The curves over two axes, each point with its label."""
    points = [point for curve in curves for point in curve.points]
    x = _Axis([point[0] for point in points], MARGIN, WIDTH - MARGIN)
    y = _Axis([point[1] for point in points], HEIGHT - MARGIN, MARGIN)
    parts = [*_frame(x, y, across, up)]
    for number, curve in enumerate(curves):
        parts += _curve(curve, x, y, COLOURS[number % len(COLOURS)], number)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>", ""])


def _frame(x: _Axis, y: _Axis, across: str, up: str) -> list[str]:
    lines = [
        f'<path d="M{MARGIN} {MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" fill="none" stroke="#444"/>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 16}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(18 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    lines += [f'<text x="{x.at(v)}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">{v:.4g}</text>' for v in x.ticks()]
    lines += [f'<text x="{MARGIN - 8}" y="{y.at(v) + 4}" text-anchor="end">{v:.4g}</text>' for v in y.ticks()]
    return lines


def _curve(curve: Curve, x: _Axis, y: _Axis, colour: str, number: int) -> list[str]:
    places = [(x.at(a), y.at(b), label) for a, b, label in curve.points]
    path = " ".join(f"{a},{b}" for a, b, _ in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}"/>']
    for a, b, label in places:
        parts.append(f'<circle cx="{a}" cy="{b}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{a + 7}" y="{b - 7}" fill="{colour}">{escape(label)}</text>')
    return [*parts, f'<text x="{MARGIN + 12}" y="{MARGIN + 18 * number}" fill="{colour}">{escape(curve.name)}</text>']
