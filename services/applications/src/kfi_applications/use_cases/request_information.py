"""A caseworker asks the applicant for what is missing; the applicant answers."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.domain.information_request import IfUnanswered, InformationRequest, MissingItem
from kfi_applications.use_cases.wait_for_answer import ask_and_wait, remind, stop_waiting
from kfi_applications.use_cases.work_on_case import case_of_caseworker, represented_in
from kfi_applications.works import ApplicationsWork
from kfi_law.periods import end_of_day_period


@dataclass(frozen=True)
class RequestInformation:
    """What is missing, until when (None: the usual time of the office), and what follows when nothing comes."""

    application_id: UUID
    seen_version: int
    items: tuple[MissingItem, ...]
    text: str | None
    answer_by: date | None
    consequence: IfUnanswered


async def request_information(command: RequestInformation, work: ApplicationsWork) -> Application:
    """Ask by letter and wait for the answer. Raises DateNotPossible, NoMandate, WrongState."""
    application = await case_of_caseworker(command.application_id, command.seen_version, work)
    today = work.calendar.today()
    application.request_information(
        InformationRequest(
            letter_id=uuid4(),
            items=command.items,
            text=command.text,
            requested_on=today,
            answer_by=command.answer_by or end_of_day_period(today, work.settings.periods.answer),
            consequence=command.consequence,
            requested_by=work.actor.person,
        )
    )
    await work.applications.save(application)
    ask_and_wait(application, work)
    return application


async def answer_request(
    application_id: UUID,
    seen_version: int,
    organisation: str | None,
    answer: str,
    received_on: date | None,
    work: ApplicationsWork,
) -> Application:
    """By the applicant's account, or in writing to a caseworker. Raises DateNotPossible, NoMandate, WrongState."""
    application = await work.applications.get_to_change(
        application_id, seen_version=seen_version, organisation=organisation
    )
    today = work.calendar.today()
    if organisation is None:
        application.work_on(work.actor.person, await represented_in(application, work))
    application.answer_request(answer, received_on or today, today=today)
    stop_waiting(application, work)
    await work.applications.save(application)
    return application


async def remind_applicant(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """A caseworker reminds, once a day at most. Raises NoMandate, WrongState."""
    application = await case_of_caseworker(application_id, seen_version, work)
    await remind(application, work)
    return application
