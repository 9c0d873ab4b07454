"""How much is funded: the amounts of the programme, each rule a sentence with its number."""

from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.calculation import MoneyRule, money_rule
from kfi_applications.domain.calls import CivicWorkBasis
from kfi_applications.domain.case import Case
from kfi_applications.domain.money import share_of
from kfi_applications.domain.programmes.mso_single_project.terms import Terms
from kfi_applications.domain.programmes.share_financing import SHARE_RULES, Share, grant_by_share
from kfi_law.traces import Figure


@money_rule("MSO-E 8", "stated_total")
def the_stated_total_is_cash_costs_and_civic_work(_: Decimal, *, cash_costs: Decimal, civic_work: Decimal) -> Decimal:
    """Nothing to round: a sum of whole cents."""
    return cash_costs + civic_work


@money_rule("MSO-E 9", "stated_own_share")
def the_stated_own_share_is_own_money_and_civic_work(_: Decimal, *, own_money: Decimal, civic_work: Decimal) -> Decimal:
    """Nothing to round: a sum of whole cents."""
    return own_money + civic_work


@money_rule("MSO-E 10", "civic_work_limit")
def civic_work_counts_up_to_a_limit(rate: Decimal, **basis: Decimal) -> Decimal:
    """Rounded half up to the cent; the basis is the stated total or the stated own share, as the call says."""
    (amount,) = basis.values()
    return share_of(amount, rate)


@money_rule("MSO-E 11", "civic_work_recognised")
def civic_work_above_the_limit_is_not_recognised(
    _: Decimal, *, civic_work: Decimal, civic_work_limit: Decimal
) -> Decimal:
    """Nothing to round: one of its inputs."""
    return min(civic_work, civic_work_limit)


@money_rule("MSO-E 12", "eligible_total")
def only_recognised_civic_work_is_eligible(
    _: Decimal, *, cash_costs: Decimal, civic_work_recognised: Decimal
) -> Decimal:
    """Nothing to round: a sum of whole cents."""
    return cash_costs + civic_work_recognised


@money_rule("MSO-E 13", "own_share")
def the_own_share_is_own_money_and_recognised_civic_work(
    _: Decimal, *, own_money: Decimal, civic_work_recognised: Decimal
) -> Decimal:
    """Nothing to round: a sum of whole cents. Third-party money is no own share."""
    return own_money + civic_work_recognised


@money_rule("MSO-E 14", "own_share_required")
def the_own_share_is_a_part_of_the_eligible_total(rate: Decimal, *, eligible_total: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return share_of(eligible_total, rate)


MONEY_RULES: tuple[MoneyRule, ...] = (
    the_stated_total_is_cash_costs_and_civic_work,
    the_stated_own_share_is_own_money_and_civic_work,
    civic_work_counts_up_to_a_limit,
    civic_work_above_the_limit_is_not_recognised,
    only_recognised_civic_work_is_eligible,
    the_own_share_is_own_money_and_recognised_civic_work,
    the_own_share_is_a_part_of_the_eligible_total,
    *SHARE_RULES,
)


@dataclass(frozen=True)
class Amounts:
    """All amounts of a case in euro, each with its trace."""

    stated_total: Figure[Decimal]
    civic_work_limit: Figure[Decimal]
    civic_work_recognised: Figure[Decimal]
    eligible_total: Figure[Decimal]
    own_share: Figure[Decimal]
    own_share_required: Figure[Decimal]
    highest_share: Figure[Decimal]
    grant: Figure[Decimal]
    remainder: Figure[Decimal]


def amounts_of(case: Case, terms: Terms) -> Amounts:
    """The amounts of a case under the values in force on the day it is assessed."""
    plan = case.finance_plan
    total = the_stated_total_is_cash_costs_and_civic_work.figure(
        terms.guideline, cash_costs=plan.cash_costs, civic_work=plan.civic_work
    )
    limit = civic_work_counts_up_to_a_limit.figure(terms.civic_work, basis=_civic_work_basis(case, terms, total))
    recognised = civic_work_above_the_limit_is_not_recognised.figure(
        terms.civic_work, civic_work=plan.civic_work, civic_work_limit=limit
    )
    eligible = only_recognised_civic_work_is_eligible.figure(
        terms.guideline, cash_costs=plan.cash_costs, civic_work_recognised=recognised
    )
    own = the_own_share_is_own_money_and_recognised_civic_work.figure(
        terms.own_share, own_money=plan.own_money, civic_work_recognised=recognised
    )
    required = the_own_share_is_a_part_of_the_eligible_total.figure(terms.own_share, eligible_total=eligible)
    share = _share(case, terms, eligible)
    return Amounts(total, limit, recognised, eligible, own, required, share.highest_share, share.grant, share.remainder)


def _civic_work_basis(case: Case, terms: Terms, stated_total: Figure[Decimal]) -> Figure[Decimal]:
    if case.call.civic_work_basis is CivicWorkBasis.STATED_TOTAL:
        return stated_total
    plan = case.finance_plan
    return the_stated_own_share_is_own_money_and_civic_work.figure(
        terms.guideline, own_money=plan.own_money, civic_work=plan.civic_work
    )


def _share(case: Case, terms: Terms, eligible_total: Figure[Decimal]) -> Share:
    return grant_by_share(
        eligible_total=eligible_total,
        requested=case.finance_plan.requested_grant,
        rate=terms.rate,
        guideline=terms.guideline,
        cap=case.call.cap,
    )
