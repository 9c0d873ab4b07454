"""A further series of figures comes in: whole, or not at all."""

from datetime import date
from uuid import UUID, uuid4

from kfi_allocation.domain.account.policy import Series
from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.series import DatedSeries, figures_of
from kfi_allocation.work import AllocationWork
from kfi_law.municipalities import register


async def load_series(
    name: str, basis: str, source: str, file: str, *, counted_on: date, holds_from: date, work: AllocationWork
) -> UUID:
    """Accounts of `holds_from` and later are kept by it, those of days before as they were.

    Raises DocumentNotReadable with every problem and its line, DateNotPossible, TakenName.
    """
    if holds_from < max(counted_on, work.calendar.today()):
        raise DateNotPossible(
            "A series holds for no day that has passed, nor before it was counted.", fix="Take a later day.",
            field="holds_from",
        )  # fmt: skip
    figures = figures_of(file, frozenset(town.ags for town in register()))
    series = DatedSeries(uuid4(), Series(name, counted_on, source, figures), basis, holds_from)
    await work.series.add(series)
    return series.id
