"""The file is complete: the case is assessed under the law of the day."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.states import State
from kfi_applications.use_cases.wait_for_answer import ask_and_wait, correction_of
from kfi_applications.use_cases.work_on_case import case_of_caseworker
from kfi_applications.works import ApplicationsWork


async def open_substance_check(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """Begin the substance check, or ask the applicant to correct the finance plan. Raises NoMandate, WrongState."""
    application = await case_of_caseworker(application_id, seen_version, work)
    assessment = await assessment_of(application, work)
    application.open_substance_check(assessment, correction_of(assessment, work))
    await work.applications.save(application)
    if application.state is State.INFORMATION_REQUESTED:
        ask_and_wait(application, work)
    return application


async def assessment_of(application: Application, work: ApplicationsWork) -> Assessment:
    """The assessment of an application as of today, by the rules of its programme and the call it was filed under."""
    case = application.case(await work.calls.of(application), work.calendar.today())
    return work.catalogue.programme(application.programme).assess(case)
