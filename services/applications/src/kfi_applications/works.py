"""One transaction of the service: its repositories, its catalogue of programmes, its orders of letters."""

from functools import cached_property, partial
from typing import ClassVar, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from kfi_applications.attachment_repository import Attachments
from kfi_applications.bank_account_repository import BankAccounts
from kfi_applications.budget_repository import Budget
from kfi_applications.calls_repository import Calls
from kfi_applications.case_history import CaseHistory
from kfi_applications.correction_repository import Corrections
from kfi_applications.domain.application import Application
from kfi_applications.domain.budget import BudgetPlan
from kfi_applications.domain.programmes.catalogue import Catalogue, packaged_programmes
from kfi_applications.letter import message_waits
from kfi_applications.mandate_repository import Caseworkers, Mandates
from kfi_applications.master_record_repository import MasterRecords
from kfi_applications.note_repository import Notes
from kfi_applications.published import email_order, letter_order, plain_letter_order
from kfi_applications.repository import Applications
from kfi_applications.settings import ApplicationsSettings, sealer_of
from kfi_applications.work_list import WorkList
from kfi_chassis.sealing import Sealer
from kfi_chassis.work import Work
from kfi_contracts.letters import LetterContent
from kfi_contracts.notifications import NotificationOrdered

PROGRAMMES: Final = Catalogue(packaged_programmes())
_BUDGET_PLAN: Final = TypeAdapter(BudgetPlan)


class LetterOrders:
    """Orders of letters and e-mails; a notification has one order, so its sequence is 1.

    With its organisation named, a letter goes to the inbox of an organisation that wants it there.
    """

    def __init__(self, work: "ApplicationsWork", sealer: Sealer) -> None:
        self._work = work
        self._sealer = sealer

    def order(
        self, content: LetterContent, application: Application, *, letter_id: UUID, act_id: UUID | None = None
    ) -> None:
        """A letter, by post or inbox as its organisation wants it, and the e-mail that points to it.

        With an act it announces that; the e-mail announces nothing, and is not sent where the letter brings a notice.
        """
        self.write(content, application, letter_id=letter_id, act_id=act_id)
        self._add(
            email_order(
                message_waits(application),
                self._sealer,
                application_id=application.id,
                notification_id=uuid4(),
                organisation=application.organisation,
                accompanies=letter_id,
            )
        )

    def write(
        self, content: LetterContent, application: Application, *, letter_id: UUID, act_id: UUID | None = None
    ) -> None:
        """A letter alone; with an act it announces that."""
        order = plain_letter_order if act_id is None else partial(letter_order, act_id=act_id)
        self._add(
            order(
                content,
                self._sealer,
                application_id=application.id,
                notification_id=letter_id,
                organisation=application.organisation,
            )
        )

    def _add(self, order: NotificationOrdered) -> None:
        self._work.outbox.add(order, sequence=1)


class ApplicationsWork(Work):
    """The transaction of a use case; ``settings`` is set by the process that runs it."""

    settings: ClassVar[ApplicationsSettings]

    @cached_property
    def applications(self) -> Applications:
        """The applications."""
        return Applications(self, self.settings.periods, encrypted=self.settings.encrypt_personal_data)

    @cached_property
    def corrections(self) -> Corrections:
        """The corrections of decisions."""
        return Corrections(self)

    @cached_property
    def mandates(self) -> Mandates:
        """Who stands in for whom."""
        return Mandates(self)

    @cached_property
    def caseworkers(self) -> Caseworkers:
        """Who has worked here as a caseworker."""
        return Caseworkers(self)

    @cached_property
    def notes(self) -> Notes:
        """Notes of the office."""
        return Notes(self)

    @cached_property
    def history(self) -> CaseHistory:
        """Who did what with a case, and when."""
        return CaseHistory(self)

    @cached_property
    def work_list(self) -> WorkList:
        """What waits for whom."""
        return WorkList(self)

    @cached_property
    def attachments(self) -> Attachments:
        """The attachments of cases."""
        return Attachments(self.connection, self.persons)

    @cached_property
    def bank_accounts(self) -> BankAccounts:
        """To which accounts grants are to be paid."""
        return BankAccounts(self)

    @cached_property
    def budget(self) -> Budget:
        """The budget titles."""
        return Budget(self)

    @cached_property
    def budget_plans(self) -> MasterRecords[BudgetPlan]:
        """What the budget titles may hold, as it was proposed and approved."""
        return MasterRecords(self, "budget-plan", _BUDGET_PLAN)

    @cached_property
    def calls(self) -> Calls:
        """The calls that were opened."""
        return Calls(self, self.catalogue)

    @property
    def catalogue(self) -> Catalogue:
        """The programmes with their rules."""
        return PROGRAMMES

    @cached_property
    def letters(self) -> LetterOrders:
        """The orders of letters and e-mails."""
        return LetterOrders(self, sealer_of(self.settings.sealing_key_file))
