"""The series accounts are kept by: those of the register of municipalities, and further ones that were loaded."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.domain.account.policy import AccountNotComputable, Series
from kfi_allocation.domain.refusals import TakenName
from kfi_allocation.domain.series import POPULATION, DatedSeries
from kfi_allocation.policy_tables import SERIES
from kfi_chassis.work import Work
from kfi_law.errors import NoValueInForce
from kfi_law.municipalities import Basis, area, attributions, population

AGGREGATE: Final = "series"
AREA: Final = "area"
_LOADED: Final = (
    select(SERIES)
    .where(SERIES.c.name == bindparam("wanted"), SERIES.c.holds_from <= bindparam("day"))
    .order_by(SERIES.c.holds_from.desc(), SERIES.c.position.desc())
)
_LAST: Final = _LOADED.limit(1)
_LAST_OF_BASIS: Final = _LOADED.where(SERIES.c.basis == bindparam("based")).limit(1)
_NAMES: Final = select(SERIES.c.name).distinct()


class UnknownSeries(LookupError):
    """There is no such series."""


class SeriesRegister:
    """The series of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def names(self) -> frozenset[str]:
        """Of which kinds there is a series."""
        loaded = (await self._work.connection.execute(_NAMES)).scalars()
        return frozenset({POPULATION, AREA, *loaded})

    async def of_day(self, names: Iterable[str], basis: str, on: date) -> dict[str, Series]:
        """The series of these kinds that hold on the day; population on that basis. Raises AccountNotComputable.

        The source of each says on which basis it rests.
        """
        return {name: await self._one(name, basis, on) for name in names}

    async def get(self, series_id: UUID) -> DatedSeries:
        """A loaded series. Raises UnknownSeries."""
        row = (await self._work.connection.execute(select(SERIES).where(SERIES.c.id == series_id))).one_or_none()
        if row is None:
            raise UnknownSeries
        return _dated(row)

    async def page(self, *, before: int | None, rows: int) -> Sequence[tuple[int, DatedSeries]]:
        """Some loaded series with their place, the last loaded first."""
        found = select(SERIES).order_by(SERIES.c.position.desc()).limit(rows)
        if before is not None:
            found = found.where(SERIES.c.position < before)
        return [(row.position, _dated(row)) for row in await self._work.connection.execute(found)]

    async def add(self, dated: DatedSeries) -> None:
        """Store a series; one that is there stays as it is. Raises TakenName."""
        one = dated.series
        values = {
            "id": dated.id, "name": one.name, "basis": dated.basis, "counted_on": one.counted_on,
            "holds_from": dated.holds_from, "source": one.source,
            "by_ags": {ags: str(figure) for ags, figure in one.by_ags.items()},
            "loaded_by": self._work.actor.person, "loaded_on": self._work.calendar.today(),
        }  # fmt: skip
        added = insert(SERIES).on_conflict_do_nothing(index_elements=["name", "basis", "holds_from"])
        if (await self._work.connection.execute(added, values)).rowcount == 0:
            raise TakenName(
                "There is a series of this name and basis from that day.", fix="Take another day.", field="holds_from"
            )
        details = {"series": one.name, "basis": dated.basis, "holds_from": dated.holds_from.isoformat()}
        self._work.audit.add(aggregate=AGGREGATE, aggregate_id=dated.id, version=1, action="load", details=details)

    async def _one(self, name: str, basis: str, on: date) -> Series:
        based = {"based": basis} if name == POPULATION else {}
        found = _LAST_OF_BASIS if based else _LAST
        row = (await self._work.connection.execute(found, {"wanted": name, "day": on, **based})).one_or_none()
        of_register = _of_register(name, basis, on)
        if row is not None and (of_register is None or row.holds_from >= of_register.counted_on):
            dated = _dated(row)
            return replace(dated.series, source=f"{dated.basis}: {dated.series.source}")
        if of_register is None:
            raise AccountNotComputable(f"series: none is called {name} ({basis}) and holds on {on}")
        return of_register


def _of_register(name: str, basis: str, on: date) -> Series | None:
    try:
        if name == AREA:
            land = area(on)
            return Series(name, land.measured_on, _source(AREA), dict(sorted(land.by_ags.items())))
        if name != POPULATION or basis not in tuple(Basis):
            return None
        people = population(Basis(basis), on)
    except NoValueInForce:
        return None
    figures = {ags: Decimal(people.by_ags[ags]) for ags in sorted(people.by_ags)}
    return Series(name, people.counted_on, f"{basis}: {_source(f'{POPULATION} ({basis})')}", figures)


def _source(register: str) -> str:
    return next(f"{one.text}; {one.licence}" for one in attributions() if register in one.register)


def _dated(row: Row[Any]) -> DatedSeries:
    figures = {ags: Decimal(row.by_ags[ags]) for ags in sorted(row.by_ags)}
    return DatedSeries(row.id, Series(row.name, row.counted_on, row.source, figures), row.basis, row.holds_from)
