"""The dated values of the programme."""

from dataclasses import dataclass

from kfi_applications.domain.case import Case
from kfi_applications.domain.programmes.mso_conditions import AssociationTerms
from kfi_applications.domain.programmes.parameters import values_on
from kfi_law.parameters import Parameter, Parameters

PROGRAMME = "mso-anschub"


@dataclass(frozen=True)
class Terms(AssociationTerms):
    """The values for one case, each with paragraph, source and version; the sum is in euro, the age in years."""

    guideline: Parameter
    highest_sum_of_a_year: Parameter
    max_age_years: Parameter

    @classmethod
    def of(cls, case: Case, parameters: Parameters | None = None) -> "Terms":
        """The values a decision may rest on: those of the day of the assessment, the highest age that of the call.

        Raises NoValueInForce or OnlyExpected of ``kfi_law``.
        """
        value = values_on(case.assessed_on, PROGRAMME, parameters)
        return cls(
            guideline=value("guideline"),
            highest_sum_of_a_year=value("highest-sum-of-a-year"),
            share_with_migration_history=value("share-with-migration-history"),
            max_age_years=values_on(case.call.conditions_of, PROGRAMME, parameters)("max-age-years"),
        )
