"""The dated values of the programme."""

from collections.abc import Callable
from dataclasses import dataclass

from kfi_applications.domain.case import Case
from kfi_applications.domain.programmes.parameters import values_on
from kfi_law.parameters import Parameter, Parameters

PROGRAMME = "komm-an-ii"
BY_MONTH = "measure-and-month"


@dataclass(frozen=True)
class Terms:
    """The values for one case, each with paragraph, source and version; amounts are in euro.

    ``value`` asks for a value of the day of the assessment when a measure needs it: not every lump sum was read for
    every time. It raises NoValueInForce or OnlyExpected of ``kfi_law``.
    """

    guideline: Parameter
    b2_counts: Parameter
    value: Callable[[str], Parameter]

    @classmethod
    def of(cls, case: Case, parameters: Parameters | None = None) -> "Terms":
        """The values a decision may rest on; whether B2 counts months hangs on the call."""
        value = values_on(case.assessed_on, PROGRAMME, parameters)
        of_call = values_on(case.call.conditions_of, PROGRAMME, parameters)
        return cls(guideline=value("guideline"), b2_counts=of_call("b2-counts"), value=value)

    @property
    def b2_by_month(self) -> bool:
        """Whether B2 counts each month of a measure (text of 2018) and not the measure alone (text of 2024)."""
        return self.b2_counts.value == BY_MONTH
