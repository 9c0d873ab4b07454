"""The file of one case for ``kfi-applications assess``: its fields, its JSON schema, and the case it describes."""

from datetime import date
from typing import Annotated

from pydantic import Field

from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind, PartialMonth
from kfi_applications.domain.case import Case
from kfi_applications.domain.programmes.catalogue import Catalogue
from kfi_applications.domain.programmes.programme import Actual
from kfi_applications.stated import StatedApplicant, StatedFinancePlan, StatedMeasure, StatedProject, Statement
from kfi_contracts.money import Money


class CallTerms(Statement):
    """A call written into the case, with the values that the sources leave to each call."""

    programme: Annotated[str, Field(min_length=1, max_length=100)] = "mso-einzelprojekt"
    opens_on: date
    last_day: date
    deadline_kind: DeadlineKind
    cap: Money | None = None
    civic_work_basis: CivicWorkBasis = CivicWorkBasis.STATED_TOTAL
    partial_month: PartialMonth | None = None
    rules_as_of: date | None = Field(
        default=None, description="day whose text holds where the sources do not say from which call; default: opens_on"
    )

    def stated(self) -> Call:
        """The call of the domain; it has no budget title, because nothing is reserved."""
        return Call(
            key="of-the-case", title="call of the case", budget_title="", source="the case file", **self.model_dump(),
        )  # fmt: skip


class ActualFigures(Statement):
    """What is known at the end of a project: the actual eligible expenditure, what was paid out, what took place."""

    actual_eligible_total: Money
    paid_out: Money
    measures: Annotated[tuple[StatedMeasure, ...], Field(max_length=100)] = ()

    def stated(self) -> Actual:
        """The figures of the domain."""
        return Actual(self.actual_eligible_total, self.paid_out, tuple(each.stated() for each in self.measures))


class CaseFile(Statement):
    """One case to assess; the call says of which programme."""

    call: Annotated[str, Field(min_length=1, max_length=100)] | CallTerms = Field(
        description="the key of a packaged call, or the call itself"
    )
    filed_on: date = Field(description="day of receipt, Europe/Berlin")
    assessed_on: date | None = Field(default=None, description="day whose law applies; default: filed_on")
    applicant: StatedApplicant
    project: StatedProject
    finance_plan: StatedFinancePlan
    settlement: ActualFigures | None = None

    def stated(self, catalogue: Catalogue) -> Case:
        """The case of the domain. Raises CallNotAccepting for an unknown or incomplete call or a closed programme."""
        call = catalogue.call(self.call) if isinstance(self.call, str) else self.call.stated()
        catalogue.programme(call.programme).must_fit(call)
        return Case(
            call=call, applicant=self.applicant.stated(), project=self.project.stated(),
            finance_plan=self.finance_plan.stated(), filed_on=self.filed_on,
            assessed_on=self.assessed_on or self.filed_on,
        )  # fmt: skip
