"""Why this town and no other: the chosen town against its best alternatives on each criterion of § 16 (2) TIntG.

A standard text that would fit any household is no exercise of discretion (VG Arnsberg of 9 February 2017), so reasons
are made of the figures of the frozen input of the very run, and only of those.
"""

from dataclasses import dataclass
from uuid import UUID

from kfi_allocation.domain.alternatives import BEST, Comparison, compare
from kfi_allocation.domain.errors import ReasonsMissing
from kfi_allocation.domain.instance import Instance


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
    instance: Instance, places: dict[str, str], household_id: UUID, *, run_id: UUID, input_root: str, policy: str
) -> Reasons:
    """The reasons of one household from the frozen input and plan of a run. Raises ReasonsMissing: it is not in it."""
    try:
        chosen, *others = compare(instance, places, str(household_id), BEST)
    except KeyError:
        raise ReasonsMissing(
            "The household is not part of the run that named its town.", fix="Plan it again.", field="reasons"
        ) from None
    return Reasons(
        run_id, input_root, policy, household_id, _compared(chosen), tuple(_compared(other) for other in others)
    )


def _compared(town: Comparison) -> TownCompared:
    return TownCompared(
        town.ags, town.obstacles, str(town.relatives), str(town.fit), str(town.even_distribution), str(town.total)
    )
