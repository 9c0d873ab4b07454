"""The budget of a year comes in as a file, until titles have a route with four eyes."""

from collections.abc import Mapping
from dataclasses import dataclass

from kfi_applications.domain.budget import BudgetYear
from kfi_applications.works import ApplicationsWork


@dataclass(frozen=True)
class PlannedTitle:
    """A title with what its years may hold."""

    key: str
    name: str
    years: Mapping[int, BudgetYear]


async def load_budget(titles: tuple[PlannedTitle, ...], work: ApplicationsWork) -> int:
    """Enter or change the titles, all or none; how many there were. Raises BudgetExceeded."""
    for title in sorted(titles, key=lambda title: title.key):
        await work.budget.plan(title.key, title.name, title.years)
    return len(titles)
