"""The account to which a grant is to be paid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from stdnum import iban
from stdnum.exceptions import ValidationError

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import READERS, organisation_seen_by, own_organisation
from kfi_applications.api.views import ApplicationView, View
from kfi_applications.domain.bank_account import BankAccount
from kfi_applications.domain.errors import AccountNotPossible, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.stated import Statement, Text
from kfi_applications.use_cases.read_application import Look, read_application
from kfi_applications.use_cases.state_bank_account import state_bank_account
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.problem import documents
from kfi_chassis.problems import NotFound

router = APIRouter(prefix="/applications/{application_id}/bank-account", tags=["applications"])
Applicant = Annotated[Edge[ApplicationsWork], edge(Mover.APPLICANT)]
Reader = Annotated[Edge[ApplicationsWork], edge(*READERS)]


def _checked(stated: str) -> str:
    try:
        return str(iban.validate(stated))
    except ValidationError:
        raise ValueError("the IBAN is not right; check its digits") from None


Iban = Annotated[str, Field(min_length=5, max_length=50), AfterValidator(_checked)]


class StatedBankAccount(Statement):
    """An account by its IBAN, with or without spaces, and its owner as the bank knows it."""

    iban: Iban
    owner: Text


class BankAccountView(View):
    """The account that was stated last."""

    iban: str
    owner: str


@router.post("")
@documents(KINDS[AccountNotPossible], KINDS[WrongState], PersonErased)
async def post_bank_account(
    application_id: UUID, body: StatedBankAccount, seen: IfMatch, door: Applicant
) -> ApplicationView:
    """State the account, or another one; where the programme says so, a domestic one of the applicant itself."""
    organisation, account = own_organisation(door.principal), BankAccount(body.iban, body.owner)
    return await act(door, lambda work: state_bank_account(application_id, seen, organisation, account, work))


@router.get("")
@documents(PersonErased)
async def get_bank_account(application_id: UUID, door: Reader) -> BankAccountView:
    """The account that was stated last; that staff looked at it is recorded."""
    organisation = organisation_seen_by(door.principal)

    async def read(work: ApplicationsWork) -> BankAccountView:
        application = await read_application(application_id, organisation, Look.BANK_ACCOUNT, work)
        account = await work.bank_accounts.get(application.id)
        if account is None:
            raise NotFound
        return BankAccountView(iban=account.iban, owner=account.owner)

    return await door.read(read)
