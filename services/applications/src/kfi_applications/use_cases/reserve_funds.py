"""The money of a proposal is set aside in the budget title of its call."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


async def reserve_funds(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """Reserve all years or none. Raises BudgetExceeded, NotInBudget, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    proposal = application.reserve_funds()
    await work.budget.reserve(proposal.budget_title, application.id, proposal.by_year)
    await work.applications.save(application)
    return application
