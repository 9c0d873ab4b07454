"""The file of one case for ``kfi-applications assess``: its fields, its JSON schema, and the case it describes."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind
from kfi_applications.domain.case import Applicant, CostItem, FinancePlan, LegalForm, Project
from kfi_applications.domain.programmes.catalogue import Catalogue
from kfi_applications.domain.programmes.mso_single_project.terms import PROGRAMME, Case, Terms
from kfi_contracts.money import Money

Text = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
Ags = Annotated[str, Field(pattern=r"^[0-9]{8}$", description="Amtlicher Gemeindeschlüssel, eight digits")]
ShareOfOne = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4, description='a fraction as text: "0.62" for 62 %')]


class CaseField(BaseModel):
    """A part of a case as JSON; unknown fields are refused, so that no fact is lost by a typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ApplicantField(CaseField):
    """Who applies."""

    name: Text
    legal_form: LegalForm
    seat_ags: Ags
    charitable: bool
    share_with_migration_history: ShareOfOne
    independent_of_states_and_parties: bool

    def stated(self) -> Applicant:
        """The applicant of the domain."""
        return Applicant(**self.model_dump())


class ProjectField(CaseField):
    """What is to be funded."""

    title: Text
    period_from: date
    period_to: date
    begun_on: date | None = Field(default=None, description="the day the project began, if it has begun")
    early_start_permitted: bool = False
    recurs_yearly: bool = False

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.period_to < self.period_from:
            raise ValueError("period_to lies before period_from")
        return self

    def stated(self) -> Project:
        """The project of the domain."""
        return Project(**self.model_dump())


class CostItemField(CaseField):
    """One line of planned expenditure."""

    label: Text
    amount: Money


class FinancePlanField(CaseField):
    """Planned expenditure and income in EUR, texts with two decimals."""

    costs: Annotated[list[CostItemField], Field(min_length=1, max_length=100)]
    civic_work: Money = Field(description="value of unpaid work; stands on both sides of the plan")
    own_money: Money
    third_party_money: Money
    requested_grant: Annotated[Money, Field(gt=0)]

    def stated(self) -> FinancePlan:
        """The finance plan of the domain."""
        costs = tuple(CostItem(item.label, item.amount) for item in self.costs)
        return FinancePlan(costs, self.civic_work, self.own_money, self.third_party_money, self.requested_grant)


class CallField(CaseField):
    """A call written into the case, with the values that the sources leave to each call."""

    opens_on: date
    last_day: date
    deadline_kind: DeadlineKind
    cap: Money
    civic_work_basis: CivicWorkBasis = CivicWorkBasis.STATED_TOTAL

    def stated(self) -> Call:
        """The call of the domain; it has no budget title, because nothing is reserved."""
        return Call(
            key="of-the-case", programme=PROGRAMME, title="call of the case", budget_title="",
            source="the case file", **self.model_dump(),
        )  # fmt: skip


class SettlementField(CaseField):
    """What is known at the end of a project: the actual eligible expenditure and what was paid out."""

    actual_eligible_total: Money
    paid_out: Money


class CaseFile(CaseField):
    """One case of the MSO Einzelprojektförderung to assess."""

    call: Annotated[str, Field(min_length=1, max_length=100)] | CallField = Field(
        description="the key of a packaged call, or the call itself"
    )
    filed_on: date = Field(description="day of receipt, Europe/Berlin")
    assessed_on: date | None = Field(default=None, description="day whose law applies; default: filed_on")
    applicant: ApplicantField
    project: ProjectField
    finance_plan: FinancePlanField
    settlement: SettlementField | None = None

    def stated(self, catalogue: Catalogue) -> Case:
        """The case of the domain. Raises CallNotAccepting for an unknown call or a closed programme."""
        call = catalogue.call(self.call) if isinstance(self.call, str) else self.call.stated()
        assessed_on = self.assessed_on or self.filed_on
        return Case(
            call=call, applicant=self.applicant.stated(), project=self.project.stated(),
            finance_plan=self.finance_plan.stated(), filed_on=self.filed_on, assessed_on=assessed_on,
            terms=Terms.on(assessed_on),
        )  # fmt: skip
