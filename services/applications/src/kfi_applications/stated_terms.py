"""What is said of a budget title and of a call, as JSON: the same for the API and for a file."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from kfi_applications.domain.budget import BudgetPlan, PlannedYear
from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind, PartialMonth
from kfi_applications.stated import Statement, Text
from kfi_contracts.money import LIMIT, Money

TitleKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,50}$", description="e.g. chapter and title, 07-080-684-61")]
CallKey = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,100}$", description="e.g. mso-einzelprojekt-2027")]


class StatedYear(Statement):
    """What one year of a title may hold, in EUR."""

    year: Annotated[int, Field(ge=2000, le=2099)]
    appropriation: Money
    commitment_authorisation: Money = Field(description="what may be promised now to be paid in this year (VE)")

    @model_validator(mode="after")
    def _the_sum_is_an_amount(self) -> Self:
        if self.appropriation + self.commitment_authorisation >= LIMIT:
            raise ValueError("both amounts together are more than can be written; correct them")
        return self


class StatedBudgetPlan(Statement):
    """What a title is called and what its years may hold; a year that is not named stays as it is."""

    name: Text
    years: Annotated[list[StatedYear], Field(min_length=1, max_length=20)]
    source: Text = Field(description="where the amounts stand, e.g. Haushaltsplan 2027, Einzelplan 07")

    @model_validator(mode="after")
    def _each_year_once(self) -> Self:
        if len({year.year for year in self.years}) != len(self.years):
            raise ValueError("years names a year twice; name each once")
        return self

    def stated(self) -> BudgetPlan:
        """The plan of the domain."""
        years = (PlannedYear(**year.model_dump()) for year in self.years)
        return BudgetPlan(self.name, tuple(sorted(years, key=lambda year: year.year)), self.source)


class StatedTerms(Statement):
    """What a call says; what its programme needs beyond that is refused where it is missing."""

    programme: Annotated[str, Field(min_length=1, max_length=100, description="the key of an open programme")]
    title: Text
    opens_on: date
    last_day: date
    deadline_kind: DeadlineKind
    budget_title: TitleKey
    source: Text = Field(description="where the terms stand, e.g. the ministry's Erlass with its day")
    cap: Annotated[Money, Field(gt=0)] | None = None
    civic_work_basis: CivicWorkBasis | None = None
    partial_month: PartialMonth | None = None
    rules_as_of: date | None = Field(default=None, description="day whose text holds; default: opens_on")
    closed_on: date | None = Field(default=None, description="first day on which nothing is taken any more")

    def stated(self, key: str) -> Call:
        """The call of the domain."""
        return Call(key=key, **self.model_dump())
