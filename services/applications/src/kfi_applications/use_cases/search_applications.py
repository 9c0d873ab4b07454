"""Somebody of the staff looks for cases by the names in them, which no database can read."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.search_terms import asked_terms, same_project
from kfi_applications.works import ApplicationsWork

SEARCH: Final = "search"
MOST_DUPLICATES: Final = 20


async def search_applications(
    asked: str, work: ApplicationsWork, *, before: int | None, most: int
) -> Sequence[tuple[int, Application]]:
    """The cases that hold all the words, the latest first, each with its place; the audit says which were found."""
    found = await work.persons.found(asked_terms(asked, work.persons.index), before=before, most=most)
    cases = {case.id: case for case in await work.applications.of([person for _, person in found])}
    work.audit.add(
        aggregate=SEARCH,
        aggregate_id=uuid4(),
        version=1,
        action="searched",
        details={"found": " ".join(map(str, cases))},
    )
    return [(place, cases[person]) for place, person in found if person in cases]


async def duplicates_of(application: Application, work: ApplicationsWork) -> tuple[UUID, ...]:
    """Other cases with the same applicant's name and project in the same call, the latest first."""
    if application.erased_on is not None:
        return ()
    term = same_project(application, work.persons.index)
    found = await work.persons.found({term}, most=MOST_DUPLICATES)
    return tuple(person for _, person in found if person != application.id)
