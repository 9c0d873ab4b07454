"""The municipality a list means by a name or an AGS. What is not certain is asked back with suggestions."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from kfi_law.municipalities import Municipality

_MOST_SUGGESTIONS: Final = 5
_CLOSE: Final = 0.75
_AGS: Final = re.compile(r"0?5[0-9]{6}")
_ADDITION: Final = re.compile(r"\s*\([^)]*\)")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SHORT: Final = {"westf.": "westfalen", "rhld.": "rheinland", "i.w.": "westfalen", "sauerl.": "sauerland"}
_WORDS: Final = re.compile(r"[^a-z0-9]+")


class NotOnePlace(Exception):
    """No municipality, or not surely one. ``ambiguous``: it is a part of the name of those suggested."""

    def __init__(self, suggestions: tuple[str, ...], *, ambiguous: bool) -> None:
        super().__init__("ambiguous" if ambiguous else "unknown")
        self.suggestions = suggestions
        self.ambiguous = ambiguous


class Places:
    """The names under which the municipalities of a register are known."""

    def __init__(self, municipalities: Iterable[Municipality]) -> None:
        self._towns = {town.ags: town for town in municipalities}

    def named(self, text: str) -> str:
        """The AGS of the town meant. Raises NotOnePlace.

        A spreadsheet takes the leading zero of an AGS away; every AGS of the Land begins with 05, so it is put back.
        A town whose name needs an addition, such as Halle (Westf.), is taken with its addition only.
        """
        if _AGS.fullmatch(text):
            ags = text.rjust(8, "0")
            if ags in self._towns:
                return ags
            raise NotOnePlace((), ambiguous=False)
        found = self._by_name.get(_folded(text), frozenset())
        if len(found) == 1:
            return next(iter(found))
        raise self._doubt(text, found)

    def _doubt(self, text: str, found: frozenset[str]) -> NotOnePlace:
        wanted = _folded(text)
        parts = set(found) | {ags for ags, name in self._bare if name == wanted or name.startswith(f"{wanted} ")}
        if wanted and parts:
            return NotOnePlace(self._shown(parts), ambiguous=True)
        close = get_close_matches(wanted, list(self._by_name), n=_MOST_SUGGESTIONS, cutoff=_CLOSE)
        return NotOnePlace(self._shown(ags for name in close for ags in self._by_name[name]), ambiguous=False)

    def _shown(self, found: Iterable[str]) -> tuple[str, ...]:
        once = sorted(dict.fromkeys(found))[:_MOST_SUGGESTIONS]
        return tuple(f"{self._towns[ags].short_name} ({ags})" for ags in once)

    @cached_property
    def _by_name(self) -> dict[str, frozenset[str]]:
        names: dict[str, set[str]] = {}
        for town in self._towns.values():
            official = town.name.partition(",")[0]
            for name in {town.name, official, town.short_name}:
                names.setdefault(_folded(name), set()).add(town.ags)
        return {name: frozenset(found) for name, found in names.items()}

    @cached_property
    def _bare(self) -> list[tuple[str, str]]:
        return [(ags, _folded(_ADDITION.sub("", town.short_name))) for ags, town in self._towns.items()]


def _folded(name: str) -> str:
    """One spelling of a name: no case, no umlauts, no punctuation, additions written out."""
    lowered = unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS).replace("sankt ", "st ")
    for short, long in _SHORT.items():
        lowered = lowered.replace(short, f"{long} ")
    return _WORDS.sub(" ", lowered).strip()
