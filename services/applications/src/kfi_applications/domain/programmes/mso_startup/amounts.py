"""How much is funded: the amounts of the programme, each rule a sentence with its number."""

from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.calculation import MoneyRule, money_rule
from kfi_applications.domain.case import Case
from kfi_applications.domain.programmes.full_financing import FULL_RULES, grant_in_full
from kfi_applications.domain.programmes.mso_startup.terms import Terms
from kfi_law.traces import Figure


@money_rule("MSO-A 9", "eligible_total")
def only_costs_in_cash_are_eligible(_: Decimal, *, cash_costs: Decimal) -> Decimal:
    """Nothing to round. Civic work counts towards an own share, and full financing asks for none."""
    return cash_costs


@money_rule("MSO-A 10", "highest_sum")
def the_highest_sum_holds_for_each_calendar_year(sum_of_a_year: Decimal, *, calendar_years: Decimal) -> Decimal:
    """Nothing to round: whole cents times a count."""
    return sum_of_a_year * calendar_years


MONEY_RULES: tuple[MoneyRule, ...] = (
    only_costs_in_cash_are_eligible,
    the_highest_sum_holds_for_each_calendar_year,
    *FULL_RULES,
)


@dataclass(frozen=True)
class Amounts:
    """All amounts of a case in euro, each with its trace."""

    eligible_total: Figure[Decimal]
    highest_sum: Figure[Decimal]
    grant: Figure[Decimal]
    remainder: Figure[Decimal]


def amounts_of(case: Case, terms: Terms) -> Amounts:
    """The amounts of a case under the values in force on the day it is assessed."""
    eligible = only_costs_in_cash_are_eligible.figure(terms.guideline, cash_costs=case.finance_plan.cash_costs)
    highest = the_highest_sum_holds_for_each_calendar_year.figure(
        terms.highest_sum_of_a_year, calendar_years=len(case.project.calendar_years)
    )
    whole = grant_in_full(
        eligible_total=eligible,
        requested=case.finance_plan.requested_grant,
        highest_sum=highest,
        guideline=terms.guideline,
        cap=case.call.cap,
    )
    return Amounts(eligible, highest, whole.grant, whole.remainder)
