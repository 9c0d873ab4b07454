"""What an applicant states, as JSON: the same for the API and for a case file. Unknown fields are refused."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kfi_applications.domain.case import Applicant, CostItem, FinancePlan, LegalForm, Measure, Project
from kfi_contracts.money import LIMIT, Money

Text = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
PERSON_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$"
"""A person as the identity provider names them; never a name in words."""
Ags = Annotated[str, Field(pattern=r"^[0-9]{8}$", description="Amtlicher Gemeindeschlüssel, eight digits")]
ShareOfOne = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4, description='a fraction as text: "0.62" for 62 %')]

LONGEST_IN_YEARS: Final = 20
"""No project lasts longer; an end like 9999 is a slip and would multiply lump sums."""


class Statement(BaseModel):
    """A part of what is stated; no fact is lost by a typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


_OF_AN_ASSOCIATION: Final = "needed of a registered association where the programme is for associations"


class StatedApplicant(Statement):
    """Who applies."""

    name: Text
    legal_form: LegalForm
    seat_ags: Ags
    charitable: bool | None = Field(default=None, description=_OF_AN_ASSOCIATION)
    share_with_migration_history: ShareOfOne | None = Field(default=None, description=_OF_AN_ASSOCIATION)
    independent_of_states_and_parties: bool | None = Field(default=None, description=_OF_AN_ASSOCIATION)
    founded_on: date | None = Field(default=None, description="needed where the programme is for young associations")

    def stated(self) -> Applicant:
        """The applicant of the domain."""
        return Applicant(**self.model_dump())


class StatedProject(Statement):
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
        if self.period_to.year - self.period_from.year > LONGEST_IN_YEARS:
            raise ValueError(f"period_to lies more than {LONGEST_IN_YEARS} years after period_from")
        return self

    def stated(self) -> Project:
        """The project of the domain."""
        return Project(**self.model_dump())


class StatedCost(Statement):
    """One line of planned expenditure."""

    label: Text
    amount: Money


Hours = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2, description='hours as text: "16.00"')]


class StatedMeasure(Statement):
    """A measure for which a lump sum is asked; its kind says which of the other fields are needed."""

    kind: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", description="the code of the kind in its programme")]
    label: Text
    count: Annotated[int, Field(ge=1, le=100_000, strict=True, description="how many units")] = 1
    period_from: date | None = None
    period_to: date | None = None
    planned_costs: Money | None = Field(default=None, description="costs of one unit in EUR")
    hours_for_purpose: Hours | None = None
    hours_in_use: Annotated[Hours, Field(gt=0)] | None = None

    def stated(self) -> Measure:
        """The measure of the domain."""
        return Measure(**self.model_dump())


class StatedFinancePlan(Statement):
    """Planned expenditure and income in EUR, texts with two decimals."""

    costs: Annotated[list[StatedCost], Field(min_length=1, max_length=100)]
    civic_work: Money = Field(description="value of unpaid work; stands on both sides of the plan")
    own_money: Money
    third_party_money: Money
    requested_grant: Annotated[Money, Field(gt=0)]
    measures: Annotated[tuple[StatedMeasure, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _totals_are_amounts(self) -> Self:
        plan = self.stated()
        if max(plan.stated_total, plan.stated_income) >= LIMIT:
            raise ValueError("the amounts of one side add up to more than can be written; correct them")
        return self

    def stated(self) -> FinancePlan:
        """The finance plan of the domain."""
        costs = tuple(CostItem(item.label, item.amount) for item in self.costs)
        return FinancePlan(
            costs, self.civic_work, self.own_money, self.third_party_money, self.requested_grant,
            tuple(measure.stated() for measure in self.measures),
        )  # fmt: skip
