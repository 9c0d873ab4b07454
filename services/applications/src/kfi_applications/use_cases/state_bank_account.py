"""An applicant states to which account a grant is to be paid; it may change it until the money is paid."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.bank_account import BankAccount, must_be_possible
from kfi_applications.works import ApplicationsWork


async def state_bank_account(
    application_id: UUID, seen_version: int, organisation: str, account: BankAccount, work: ApplicationsWork
) -> Application:
    """Keep an account the programme allows to pay to.

    Raises AccountNotPossible, WrongState, UnknownApplication, PersonErased.
    """
    application = await work.applications.get_to_change(
        application_id, seen_version=seen_version, organisation=organisation
    )
    today = work.calendar.today()
    must_be_possible(account, application.case(await work.calls.of(application), today))
    application.state_bank_account(today)
    await work.bank_accounts.put(application.id, account)
    await work.applications.save(application)
    return application
