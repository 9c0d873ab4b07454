"""The applicant sends the corrected finance plan that was asked for."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.case import FinancePlan
from kfi_applications.use_cases.wait_for_answer import stop_waiting
from kfi_applications.works import ApplicationsWork


async def correct_finance_plan(
    application_id: UUID, seen_version: int, organisation: str, finance_plan: FinancePlan, work: ApplicationsWork
) -> Application:
    """Replace the plan; the check begins anew. Raises PlanDoesNotAddUp, WrongState, UnknownApplication."""
    application = await work.applications.get_to_change(
        application_id, seen_version=seen_version, organisation=organisation
    )
    application.correct_finance_plan(finance_plan, work.calendar.today())
    stop_waiting(application, work)
    await work.applications.save(application)
    return application
