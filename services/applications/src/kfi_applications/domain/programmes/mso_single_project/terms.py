"""The dated values of the programme and the case its rules look at."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kfi_applications.domain.calls import Call
from kfi_applications.domain.case import Applicant, FinancePlan, Project
from kfi_applications.domain.programmes.catalogue import packaged_parameters
from kfi_law.parameters import Parameter, Parameters

PROGRAMME = "mso-einzelprojekt"


@dataclass(frozen=True)
class Terms:
    """The values of the programme on one day, each with paragraph, source and version; rates are fractions."""

    guideline: Parameter
    rate: Parameter
    own_share: Parameter
    civic_work: Parameter
    share_with_migration_history: Parameter

    @classmethod
    def on(cls, day: date, parameters: Parameters | None = None) -> "Terms":
        """The values a decision may rest on that day; raises NoValueInForce or OnlyExpected of ``kfi_law``."""
        table = parameters or packaged_parameters()

        def value(name: str) -> Parameter:
            return table.get(f"{PROGRAMME}.{name}", day, for_payment=True)

        return cls(
            guideline=value("guideline"),
            rate=value("rate"),
            own_share=value("own-share"),
            civic_work=value("civic-work"),
            share_with_migration_history=value("share-with-migration-history"),
        )


@dataclass(frozen=True)
class Case:
    """All that the rules look at: what was stated, for which call, filed and assessed on which business dates."""

    call: Call
    applicant: Applicant
    project: Project
    finance_plan: FinancePlan
    filed_on: date
    assessed_on: date
    terms: Terms

    @property
    def cash_costs(self) -> Decimal:
        """The stated total without civic work, in euro."""
        return self.finance_plan.stated_total - self.finance_plan.civic_work
