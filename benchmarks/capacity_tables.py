"""The tables of the capacity page, computed from the figures of a run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

MEGABYTE: Final = 2**20
GIGABYTE: Final = 2**30
CASES: Final = 100_000
_SMALL: Final = 1.0
"""Bytes a case below which a line says nothing."""


def tables(figures: Mapping[str, Any]) -> str:
    """Processor time and memory by process, then storage, as Markdown."""
    return "\n\n".join((_processes(figures), _storage(figures["steps"])))


def _processes(figures: Mapping[str, Any]) -> str:
    steps, rest = figures["steps"], figures["rest"]
    sizes = [f"ms a case, up to {step['size']:,}" for step in steps]
    head = ["process", *sizes, "cases a second and core", "at rest, of a core", "memory at rest", "memory after"]
    lines = []
    for name in rest:
        costs = [step["processor_ms"][name] for step in steps]
        each = [f"{cost:.1f}" for cost in costs]
        memory = (rest[name]["memory"], steps[-1]["memory"][name])
        lines.append([name, *each, _a_second(costs[-1]), f"{rest[name]['share']:.1%}", *map(_megabytes, memory)])
    totals = [sum(step["processor_ms"].values()) for step in steps]
    share = sum(one["share"] for one in rest.values())
    memory = (sum(one["memory"] for one in rest.values()), sum(steps[-1]["memory"].values()))
    each = [f"{total:.1f}" for total in totals]
    lines.append(["**all**", *each, _a_second(totals[-1]), f"{share:.1%}", *map(_megabytes, memory)])
    return _markdown(head, lines)


def _storage(steps: Sequence[Mapping[str, Any]]) -> str:
    sizes = [f"bytes a case, up to {step['size']:,}" for step in steps]
    grouped: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(steps))
    for number, step in enumerate(steps):
        for name, size in step["bytes"].items():
            grouped[_label(name)][number] += size
    shown = {name: sizes_ for name, sizes_ in grouped.items() if max(sizes_) >= _SMALL}
    lines = [
        [name, *(f"{size:,.0f}" for size in each), _gigabytes(each[-1])]
        for name, each in sorted(shown.items(), key=lambda item: -item[1][-1])
    ]
    totals = [sum(each) for each in zip(*grouped.values(), strict=True)]
    lines.append(["**all**", *(f"{total:,.0f}" for total in totals), _gigabytes(totals[-1])])
    return _markdown(["what is kept", *sizes, f"for {CASES:,} cases"], lines)


def _label(name: str) -> str:
    """Tables with their indexes in one line, apart from the table's own."""
    if name.startswith("its indexes "):
        return f"indexes of {name.removeprefix('its indexes ').replace('.', ': ')}"
    return name.replace("table ", "").replace(".", ": ", 1) if name.startswith("table ") else name


def _a_second(milliseconds: float) -> str:
    return f"{1000 / milliseconds:,.0f}" if milliseconds >= 0.05 else "no limit seen"


def _megabytes(size: float) -> str:
    return f"{size / MEGABYTE:.0f} MB"


def _gigabytes(bytes_a_case: float) -> str:
    return f"{bytes_a_case * CASES / GIGABYTE:.2f} GB"


def _markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *lines))
