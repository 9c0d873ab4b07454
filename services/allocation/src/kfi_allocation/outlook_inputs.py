"""Who is announced and has not arrived, read without anything that names anybody."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Row, Select, func, select

from kfi_allocation.arrival_tables import HOUSEHOLD
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.outlook.expected import Placed
from kfi_allocation.domain.outlook.from_circumstances import figures_of
from kfi_allocation.domain.placement_states import ARRIVED, BEFORE_ARRIVAL, State
from kfi_allocation.placement_tables import PLACEMENT
from kfi_chassis.work import Work

_UNKNOWN: Final = frozenset({"members", "contact", "group"})
_FACTS: Final = [HOUSEHOLD.c[field.name] for field in fields(Household) if field.name not in _UNKNOWN]
_AHEAD: Final[Select[Any]] = (
    select(*_FACTS, HOUSEHOLD.c.group_code, PLACEMENT.c.ags, PLACEMENT.c.excluded)
    .join_from(PLACEMENT, HOUSEHOLD, PLACEMENT.c.id == HOUSEHOLD.c.id)
    .where(PLACEMENT.c.state.in_([state.value for state in BEFORE_ARRIVAL]))
    .order_by(PLACEMENT.c.position)
)
_ENDED: Final = select(PLACEMENT.c.state, func.count().label("number")).group_by(PLACEMENT.c.state)
BEFORE_ANY_EXPERIENCE: Final = (1, 20)
"""As if one household in twenty had been cancelled, until there is experience; a hundred more and it hardly counts."""


@dataclass(frozen=True)
class Ahead:
    """Households without a town, those with one, and the share of the announced that is cancelled before it arrives.

    A household whose town was excluded by an upheld objection has no town.
    """

    waiting: Sequence[Household]
    placed: Sequence[Placed]
    falls_out: Fraction


class OutlookInputs:
    """What outlooks are made from, in one transaction."""

    def __init__(self, work: Work) -> None:
        self._connection = work.connection

    async def ahead(self) -> Ahead:
        """All who are announced and have not arrived, in the order of receipt."""
        rows = (await self._connection.execute(_AHEAD)).all()
        placed = [row for row in rows if row.ags is not None and row.ags not in row.excluded]
        waiting = [row for row in rows if row.ags is None or row.ags in row.excluded]
        return Ahead([_household(row) for row in waiting], [_placed(row) for row in placed], await self._falls_out())

    async def _falls_out(self) -> Fraction:
        """In whole hundredths, so that not every arrival tells all towns something else."""
        counts = {row.state: row.number for row in await self._connection.execute(_ENDED)}
        cancelled = counts.get(State.CANCELLED.value, 0)
        ended = cancelled + sum(counts.get(state.value, 0) for state in ARRIVED)
        first, of = BEFORE_ANY_EXPERIENCE
        return Fraction(round(100 * Fraction(cancelled + first, ended + of)), 100)


def _household(row: Row[Any]) -> Household:
    facts = {column.name: getattr(row, column.name) for column in _FACTS}
    facts |= {"needs": frozenset(row.needs), "languages": tuple(row.languages), "wishes": tuple(row.wishes)}
    return Household(**facts, group=Group(row.group_code))


def _placed(row: Row[Any]) -> Placed:
    return Placed(figures_of(row.persons, row.needs, row.school_children), row.ags, row.arrival_on)
