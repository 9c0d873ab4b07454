"""Each town's share of the duty, as an exact fraction."""

from collections.abc import Mapping
from fractions import Fraction

from kfi_allocation.domain.account.policy import AccountNotComputable, Key, Series

Shares = Mapping[str, Fraction]


def shares(key: Key, series: Mapping[str, Series]) -> Shares:
    """The key of every town, by AGS; sums to exactly 1. Raises AccountNotComputable."""
    of_series = {part.series: _share(series, part.series) for part in key.parts}
    towns = next(iter(of_series.values()))
    mixed = {ags: sum((part.share * of_series[part.series][ags] for part in key.parts), Fraction(0)) for ags in towns}
    if key.cap is None:
        return mixed
    most = {ags: (1 + key.cap.most) * share for ags, share in _share(series, key.cap.over).items()}
    return _capped(mixed, most)


def _share(series: Mapping[str, Series], name: str) -> dict[str, Fraction]:
    figures = {ags: Fraction(figure) for ags, figure in series[name].by_ags.items()}
    total = sum(figures.values())
    if not total:
        raise AccountNotComputable(f"series.{name}: sums to nothing, so nobody has a share of it")
    return {ags: figure / total for ags, figure in figures.items()}


def _capped(mixed: Shares, most: Shares) -> Shares:
    """The shares with none above its most; what is above is spread over the others by their shares, until all fit."""
    full: dict[str, Fraction] = {}
    while True:
        free = [ags for ags in mixed if ags not in full]
        left, weight = 1 - sum(full.values()), sum((mixed[ags] for ags in free), Fraction(0))
        if not weight:
            raise AccountNotComputable("policy.key.cap: leaves no town to carry the rest")
        above = [ags for ags in free if mixed[ags] * left > most[ags] * weight]
        if not above:
            return {ags: full.get(ags, mixed[ags] * left / weight) for ags in mixed}
        full |= {ags: most[ags] for ags in above}
