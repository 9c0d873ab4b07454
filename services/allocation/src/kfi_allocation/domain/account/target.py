"""Targets by water-filling: the towns least fulfilled so far are filled up first, all to one level; exact."""

from collections.abc import Mapping
from fractions import Fraction

HUNDRED = 100


def water_filled(key: Mapping[str, Fraction], counted: Mapping[str, int], persons: int) -> dict[str, Fraction]:
    """Each town's part of the persons announced: max(0, level * key - counted), the parts summing to the persons.

    A town without a share gets nothing. Raises ValueError when no town has a share.
    """
    order = sorted((ags for ags in key if key[ags] > 0), key=lambda ags: (counted[ags] / key[ags], ags))
    if not order:
        raise ValueError("no town has a share of the key")
    weight, filled, level = Fraction(0), 0, Fraction(0)
    for number, ags in enumerate(order, start=1):
        weight, filled = weight + key[ags], filled + counted[ags]
        level = (persons + filled) / weight
        if number == len(order) or level * key[order[number]] <= counted[order[number]]:
            break
    return {ags: max(Fraction(0), level * key[ags] - counted[ags]) for ags in key}


def in_hundredths(values: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """The values in whole hundredths that sum to the total: rounded down, the largest remainders up; ties by AGS."""
    down = {ags: int(HUNDRED * value) for ags, value in values.items()}
    missing = HUNDRED * total - sum(down.values())
    by_remainder = sorted(values, key=lambda ags: (down[ags] - HUNDRED * values[ags], ags))
    for ags in by_remainder[:missing]:
        down[ags] += 1
    return down
