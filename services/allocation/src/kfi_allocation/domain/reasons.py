"""Why this town and no other: the chosen town against its best alternatives on each criterion of § 16 (2) TIntG.

A standard text that would fit any household is no exercise of discretion (VG Arnsberg of 9 February 2017), so reasons
are made of the figures of the frozen input of the very run, and only of those.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Final
from uuid import UUID

from kfi_allocation.domain.alternatives import BEST, Comparison, compare
from kfi_allocation.domain.errors import ReasonsMissing
from kfi_allocation.domain.freezing import Closing, FrozenInput

STOPPED: Final = "reception stop"
FULL: Final = "no places left"
QUOTA_REACHED: Final = "share taken"
OBJECTED: Final = "objection upheld"
_WHY: Final = {Closing.STOPPED: STOPPED, Closing.FULL: FULL, Closing.QUOTA_REACHED: QUOTA_REACHED}
_OF_PLACES: Final = re.compile(r"reception stop|-?[0-9]+ places left for [0-9]+ persons")


@dataclass(frozen=True, slots=True)
class TownCompared:
    """One town on the criteria; figures are costs in the policy's units as exact fractions like "160/3".

    ``obstacles`` name why the town is closed to the household (reception situation, Nr. 1), ``relatives`` is what its
    distance from relatives and wish costs (Nr. 2), ``fit`` what its care, work and language offers do (Nr. 3),
    ``even_distribution`` by how much the towns would be further from their shares (Nr. 4).
    """

    ags: str
    obstacles: tuple[str, ...]
    relatives: str
    fit: str
    even_distribution: str
    total: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The comparison, frozen with the run, the hash of its input and the version of the policy."""

    run_id: UUID
    input_root: str
    policy_version: str
    household_id: UUID
    chosen: TownCompared
    alternatives: tuple[TownCompared, ...]

    @property
    def better(self) -> tuple[TownCompared, ...]:
        """The open alternatives for which the figures say more than for the chosen town."""
        least = Fraction(self.chosen.total)
        return tuple(town for town in self.alternatives if not town.obstacles and Fraction(town.total) < least)

    @property
    def need_words(self) -> bool:
        """Whether the figures alone do not bear the choice, so that people must say why they made it."""
        return bool(self.chosen.obstacles or self.better)

    def must_be_about(self, household_id: UUID, run_id: UUID | None, ags: str | None) -> None:
        """Whether they are this household's own, for this town, from this run. Raises ReasonsMissing."""
        own = (self.household_id, self.run_id, self.chosen.ags) == (household_id, run_id, ags)
        if not own or not self.alternatives:
            raise ReasonsMissing(
                "The reasons do not compare this household's town with others.",
                fix="Draft the decision anew from the run that proposed the town.",
                field="reasons",
            )


def reasons_from(
    frozen: FrozenInput,
    places: dict[str, str],
    household_id: UUID,
    *,
    run_id: UUID,
    input_root: str,
    policy: str,
    excluded: Collection[str] = (),
) -> Reasons:
    """The reasons of one household from the frozen input and plan of a run; `excluded` are towns that objected rightly.

    Raises ReasonsMissing: the household is not in it.
    """
    instance = frozen.instance
    closed = {*excluded, *frozen.orders.excluded.get(str(household_id), ())}
    try:
        every = compare(instance, places, str(household_id), len(instance.municipalities))
    except KeyError:
        raise ReasonsMissing(
            "The household is not part of the run that named its town.", fix="Plan it again.", field="reasons"
        ) from None
    chosen, *others = (_compared(town, frozen, closed) for town in every)
    others.sort(key=lambda town: (bool(town.obstacles), Fraction(town.total), town.ags))
    return Reasons(run_id, input_root, policy, household_id, chosen, tuple(others[:BEST]))


def _compared(town: Comparison, frozen: FrozenInput, closed: Collection[str]) -> TownCompared:
    closing = frozen.closing(town.ags)
    places = [_WHY[closing] if closing and _OF_PLACES.fullmatch(each) else each for each in town.obstacles]
    return TownCompared(
        town.ags,
        (*places, *([OBJECTED] if town.ags in closed else [])),
        str(town.relatives),
        str(town.fit),
        str(town.even_distribution),
        str(town.total),
    )
