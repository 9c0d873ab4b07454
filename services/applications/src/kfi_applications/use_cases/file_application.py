"""An association files an application."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.domain.case import Addressee, Applicant, FinancePlan, Project
from kfi_applications.procedural_letter import receipt_acknowledgement
from kfi_applications.works import ApplicationsWork


@dataclass(frozen=True)
class FileApplication:
    """What is filed, by an account of which organisation, for which call."""

    organisation: str
    call: str
    applicant: Applicant
    addressee: Addressee
    project: Project
    finance_plan: FinancePlan


async def file_application(command: FileApplication, work: ApplicationsWork) -> UUID:
    """Receive an application: marked when late. Raises CallNotAccepting, PlanDoesNotAddUp, FactMissing."""
    today = work.calendar.today()
    call = await work.calls.in_force(command.call)
    application = Application.file(
        uuid4(),
        file_number=await work.applications.next_file_number(today.year),
        organisation=command.organisation,
        call=call,
        applicant=command.applicant,
        addressee=command.addressee,
        project=command.project,
        finance_plan=command.finance_plan,
        on=today,
    )
    work.catalogue.programme(call.programme).must_be_complete(application.case(call, today))
    await work.applications.add(application)
    if work.settings.acknowledge_receipt:
        _acknowledge(application, work)
    return application.id


def _acknowledge(application: Application, work: ApplicationsWork) -> None:
    """Say that it came, by post or inbox as its organisation wants it."""
    content = receipt_acknowledgement(application, work.catalogue.programme(application.programme))
    work.letters.write(content, application, letter_id=uuid4())
