"""Budget titles in the database. A title is locked while it is changed: it is shared by all cases of a call."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from kfi_applications.domain.budget import Booking, BudgetPlan, BudgetTitle, BudgetYear, CaseBooking
from kfi_applications.domain.errors import NotInBudget
from kfi_applications.tables import BUDGET_BOOKING, BUDGET_TITLE, BUDGET_YEAR
from kfi_chassis.work import Work

AGGREGATE: Final = "budget-title"

# Built once: making a statement anew for each request costs more than running it.
_TITLES: Final = select(BUDGET_TITLE).order_by(BUDGET_TITLE.c.key)
_TITLE: Final = select(BUDGET_TITLE).where(BUDGET_TITLE.c.key == bindparam("wanted"))
_ALL_YEARS: Final = select(BUDGET_YEAR).order_by(BUDGET_YEAR.c.title, BUDGET_YEAR.c.year)
_LOCKED: Final = select(BUDGET_TITLE).where(BUDGET_TITLE.c.key == bindparam("wanted")).with_for_update()
_COUNTED: Final = update(BUDGET_TITLE).where(BUDGET_TITLE.c.id == bindparam("wanted"))
_YEARS: Final = select(BUDGET_YEAR).where(BUDGET_YEAR.c.title == bindparam("wanted")).order_by(BUDGET_YEAR.c.year)
_OF_CASE: Final = (
    BUDGET_BOOKING.c.title == bindparam("wanted"),
    BUDGET_BOOKING.c.application_id == bindparam("case"),
)
_BOOKED: Final = select(BUDGET_BOOKING).where(*_OF_CASE)
_UNBOOKED: Final = delete(BUDGET_BOOKING).where(*_OF_CASE)
_YEAR_WRITTEN: Final = insert(BUDGET_YEAR)
_YEAR_CHANGED: Final = _YEAR_WRITTEN.on_conflict_do_update(
    index_elements=["title", "year"],
    set_={
        name: _YEAR_WRITTEN.excluded[name]
        for name in ("appropriation", "commitment_authorisation", "reserved", "committed")
    },
)
_BOOKING_WRITTEN: Final = insert(BUDGET_BOOKING)


class Budget:
    """The budget titles of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def reserve(self, key: str, case: UUID, amounts: Mapping[int, Decimal]) -> None:
        """Reserve the amounts of all years for a case, or none. Raises BudgetExceeded, NotInBudget."""
        title = await self._locked(key, case)
        title.reserve(case, amounts)
        await self._save(title, "reserve", case)

    async def commit(self, key: str, case: UUID) -> None:
        """Turn the reservation of a case into a commitment. Raises NotInBudget."""
        title = await self._locked(key, case)
        title.commit(case)
        await self._save(title, "commit", case)

    async def release(self, key: str, case: UUID) -> None:
        """Give the reservation of a case back. Raises NotInBudget."""
        title = await self._locked(key, case)
        title.release(case)
        await self._save(title, "release", case)

    async def plan(self, key: str, plan: BudgetPlan) -> None:
        """Enter a title, or change its name and what its years may hold. Raises BudgetExceeded."""
        row = {"id": uuid5(NAMESPACE_URL, f"urn:kfi:budget-title:{key}"), "key": key, "name": plan.name, "version": 0}
        entered = insert(BUDGET_TITLE).values(row)
        renamed = entered.on_conflict_do_update(index_elements=["key"], set_={"name": plan.name})
        await self._work.connection.execute(renamed)
        title = await self._locked(key)
        title.plan(plan)
        await self._save(title, "plan")

    async def title(self, key: str) -> BudgetTitle:
        """The title with what its years hold, to read. Raises NotInBudget."""
        row = (await self._work.connection.execute(_TITLE, {"wanted": key})).one_or_none()
        if row is None:
            raise NotInBudget("The budget title is not in the budget.", fix="Have it entered and approved.")
        return BudgetTitle(row.id, row.key, row.name, await self._years(key), version=row.version)

    async def titles(self) -> Sequence[BudgetTitle]:
        """All titles with what their years hold, by key."""
        years: dict[str, dict[int, BudgetYear]] = {}
        for row in await self._work.connection.execute(_ALL_YEARS):
            years.setdefault(row.title, {})[row.year] = _year(row)
        rows = await self._work.connection.execute(_TITLES)
        return [BudgetTitle(row.id, row.key, row.name, years.get(row.key, {}), version=row.version) for row in rows]

    async def _locked(self, key: str, case: UUID | None = None) -> BudgetTitle:
        """The title, held until the transaction ends, with the bookings of the case at hand."""
        row = (await self._work.connection.execute(_LOCKED, {"wanted": key})).one_or_none()
        if row is None:
            raise NotInBudget("The call's budget title is not in the budget.", fix="Have the budget title loaded.")
        title = BudgetTitle(row.id, row.key, row.name, await self._years(key), version=row.version)
        if case is not None:
            await self._read_booking(title, case)
        return title

    async def _years(self, key: str) -> dict[int, BudgetYear]:
        return {row.year: _year(row) for row in await self._work.connection.execute(_YEARS, {"wanted": key})}

    async def _read_booking(self, title: BudgetTitle, case: UUID) -> None:
        rows = (await self._work.connection.execute(_BOOKED, {"wanted": title.key, "case": case})).all()
        if rows:
            title.cases[case] = CaseBooking(Booking(rows[0].booking), {row.year: row.amount for row in rows})

    async def _save(self, title: BudgetTitle, action: str, case: UUID | None = None) -> None:
        title.version += 1
        await self._work.connection.execute(_COUNTED, {"wanted": title.id, "version": title.version})
        await self._write_years(title)
        if case is not None:
            await self._write_booking(title, case)
        details = {} if case is None else {"application_id": str(case)}
        self._work.audit.add(
            aggregate=AGGREGATE, aggregate_id=title.id, version=title.version, action=action, details=details
        )

    async def _write_years(self, title: BudgetTitle) -> None:
        rows = [
            {
                "title": title.key,
                "year": number,
                "appropriation": year.appropriation,
                "commitment_authorisation": year.commitment_authorisation,
                "reserved": year.reserved,
                "committed": year.committed,
            }
            for number, year in sorted(title.years.items())
        ]
        await self._work.connection.execute(_YEAR_CHANGED, rows)

    async def _write_booking(self, title: BudgetTitle, case: UUID) -> None:
        await self._work.connection.execute(_UNBOOKED, {"wanted": title.key, "case": case})
        booked = title.cases.get(case)
        if booked is None:
            return
        rows = [
            {
                "title": title.key,
                "year": year,
                "application_id": case,
                "booking": booked.booking.value,
                "amount": amount,
            }
            for year, amount in sorted(booked.amounts.items())
        ]
        await self._work.connection.execute(_BOOKING_WRITTEN, rows)


def _year(row: Row[Any]) -> BudgetYear:
    return BudgetYear(row.appropriation, row.commitment_authorisation, row.reserved, row.committed)
