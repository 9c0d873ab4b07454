"""The case waits for its applicant: asked by letter, reminded, and given back to a caseworker when nothing came."""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.information_request import IfUnanswered, InformationRequest, MissingItem
from kfi_applications.domain.rules import Consequence
from kfi_applications.domain.states import State
from kfi_applications.procedural_letter import MissingInformation, information_request
from kfi_applications.works import ApplicationsWork
from kfi_law.periods import end_of_day_period

REMINDER: Final = "information-reminder"
END: Final = "information-period-end"


def correction_of(assessment: Assessment, work: ApplicationsWork) -> InformationRequest:
    """The request for a finance plan that can be funded, in the words of the findings, within the usual time."""
    today = work.calendar.today()
    found = (each.reason for each in assessment.findings if each.consequence is Consequence.CORRECTION_NEEDED)
    return InformationRequest(
        letter_id=uuid4(),
        items=(MissingItem.FINANCE_PLAN,),
        text=" ".join(dict.fromkeys(found)) or None,
        requested_on=today,
        answer_by=end_of_day_period(today, work.settings.periods.answer),
        consequence=IfUnanswered.REJECTION_TO_BE_EXPECTED,
        requested_by=work.actor.person,
    )


def ask_and_wait(application: Application, work: ApplicationsWork) -> None:
    """Order the letter of the open request, and wait."""
    asked = application.information_requests[-1]
    _write(application, asked, work, letter_id=asked.letter_id)
    wait_until_answered(application, asked, work)


def wait_until_answered(application: Application, asked: InformationRequest, work: ApplicationsWork) -> None:
    """Set the days of the reminder and of the end."""
    work.deadlines.schedule(END, application.id, asked.answer_by + timedelta(days=1))
    reminder = asked.answer_by - timedelta(days=work.settings.periods.remind_before)
    if reminder > asked.requested_on:
        work.deadlines.schedule(REMINDER, application.id, reminder)


def stop_waiting(application: Application, work: ApplicationsWork) -> None:
    """An answer came, or nobody waits for one any more."""
    work.deadlines.cancel(REMINDER, application.id)
    work.deadlines.cancel(END, application.id)


async def remind_when_due(application_id: UUID, work: ApplicationsWork) -> None:
    """The day of the reminder has come; nothing to do when it is late, was reminded today, or was answered."""
    application = await work.applications.get_to_change(application_id)
    asked, today = application.open_request, work.calendar.today()
    waits = application.state is State.INFORMATION_REQUESTED and asked is not None
    if waits and asked is not None and today <= asked.answer_by and today not in asked.reminded_on:
        await remind(application, work)


async def remind(application: Application, work: ApplicationsWork) -> None:
    """Ask once more, by letter. Raises WrongState."""
    asked = application.remind(work.calendar.today())
    await work.applications.save(application)
    _write(application, asked, work, letter_id=uuid4())


async def end_when_due(application_id: UUID, work: ApplicationsWork) -> None:
    """The day after the last day has come; nothing to do when an answer came or the day was moved."""
    application = await work.applications.get_to_change(application_id)
    asked, today = application.open_request, work.calendar.today()
    if application.state is not State.INFORMATION_REQUESTED or asked is None:
        return
    if asked.lapsed_on is None and today > asked.answer_by:
        application.end_answer_period(today)
        await work.applications.save(application)


def _write(application: Application, asked: InformationRequest, work: ApplicationsWork, *, letter_id: UUID) -> None:
    reminders = len(asked.reminded_on)
    content = information_request(
        application,
        work.catalogue.programme(application.programme),
        MissingInformation(
            missing=asked.sentences,
            reply_by=asked.answer_by,
            consequence=asked.what_follows,
            reminder=reminders,
            first_asked_on=asked.requested_on if reminders else None,
        ),
        written_by=work.actor.name,
    )
    work.letters.order(content, application, letter_id=letter_id)
