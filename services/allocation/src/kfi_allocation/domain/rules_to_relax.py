"""The rules to relax when nothing fits, as people are told them: the town by name, why it has no place, who approves.

The solver knows places alone. Why a town has none is known from the frozen input: a stop, a policy that ends at 100 %,
or no place left; each is for somebody else to approve.
"""

from collections.abc import Mapping
from typing import Any, Final

from kfi_allocation.domain.freezing import Closing, FrozenInput
from kfi_allocation.domain.instance import Household
from kfi_allocation.domain.obstacles import MUNICIPALITY, POLICY, STOP
from kfi_law.errors import UnknownMunicipality
from kfi_law.municipalities import register

Told = Mapping[str, Any]
_APPROVED_BY: Final = {Closing.STOPPED: STOP, Closing.QUOTA_REACHED: POLICY, Closing.FULL: MUNICIPALITY}
_BECAUSE: Final = {
    Closing.STOPPED: "has a reception stop",
    Closing.QUOTA_REACHED: "has taken its share, at which the policy ends",
    Closing.FULL: "has no place left",
}


def told(rule: Told, frozen: FrozenInput) -> Told:
    """A rule of a plan's conflict in the words of this input."""
    kind, _, about = str(rule["rule"]).partition(" ")
    if kind == "capacity":
        return {**rule, **_of_town(about, int(rule["relax_by"]), frozenset(rule["households"]), frozen)}
    return {**rule, "text": _with_names(str(rule["text"]), frozen)}


def _of_town(ags: str, by: int, homes: frozenset[str], frozen: FrozenInput) -> Told:
    closing = frozen.closing(ags)
    begun = f"{named(ags)} would have to take {by} persons more than its {_places(ags, frozen)} places."
    if closing is not None:
        begun = f"{named(ags)} {_BECAUSE[closing]}; it would have to take {by} persons."
    there = [home for home in frozen.instance.households if home.id in homes]
    approved_by = MUNICIPALITY if closing is None else _APPROVED_BY[closing]
    return {"text": " ".join([begun, *_bound(ags, there, frozen)]), "approved_by": approved_by}


def _bound(ags: str, there: list[Household], frozen: FrozenInput) -> list[str]:
    """Who of them can go nowhere else, and through whom."""
    fixed = sum(home.persons for home in there if frozen.orders.fixed.get(home.id) == ags)
    joining = sum(home.persons for home in there if home.must_join and home.id not in frozen.orders.fixed)
    return [
        *([f"{joining} persons must join their core family there."] if joining else []),
        *([f"{fixed} persons were placed there by people, who may name another town."] if fixed else []),
    ]


def _places(ags: str, frozen: FrozenInput) -> int:
    return next((town.capacity for town in frozen.instance.municipalities if town.ags == ags), 0)


def _with_names(text: str, frozen: FrozenInput) -> str:
    for town in frozen.instance.municipalities:
        if town.ags in text:
            text = text.replace(town.ags, named(town.ags))
    return text


def named(ags: str) -> str:
    """The town by its name, with its AGS."""
    try:
        return f"{register().get(ags).short_name} ({ags})"
    except UnknownMunicipality:
        return f"Town {ags}"
