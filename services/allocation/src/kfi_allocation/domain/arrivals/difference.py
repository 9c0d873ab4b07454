"""What a list changes of a household that is known, or not yet known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from kfi_allocation.domain.household import Announcement, Household

_PERSONAL: Final = frozenset({"members", "contact"})


class Difference(StrEnum):
    """What a list says about a household, against what is known."""

    ADDED = "added"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"
    BAD = "bad"


class Outcome(StrEnum):
    """What became of it."""

    ADDED = "added"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference, with what changes: by field what was and what is said now, both None for what is personal."""

    difference: Difference
    fields: Mapping[str, tuple[Any, Any]]


def change_of(known: Household | None, said: Announcement | None, *, cancelled: bool) -> Change:
    """What it means that a list says this, or that it is cancelled, of a household that is known so far."""
    if cancelled:
        return Change(Difference.CANCELLED if known is not None else Difference.UNCHANGED, {})
    if said is None:
        return Change(Difference.BAD, {})
    if known is None:
        return Change(Difference.ADDED, {})
    names = known.differs_from(said)
    fields = {name: _both(name, getattr(known, name), getattr(said, name)) for name in names}
    return Change(Difference.AMENDED if names else Difference.UNCHANGED, fields)


def _both(name: str, before: Any, now: Any) -> tuple[Any, Any]:
    return (None, None) if name in _PERSONAL else (_plain(before), _plain(now))


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, tuple)):
        return sorted(value) if isinstance(value, frozenset) else list(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
