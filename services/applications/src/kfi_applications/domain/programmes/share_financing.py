"""Share financing (Anteilfinanzierung): the grant is a percentage of the eligible expenditure, capped.

Nr. 2.2 VV zu § 44 LHO. Every amount is rounded once to whole cents, half up. One set of rules serves every programme
financed by shares: rate and cap come in as dated data.
"""

from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.calculation import Amount, money_rule
from kfi_applications.domain.money import NOTHING, share_of, to_cents
from kfi_applications.domain.programmes.programme import Settlement
from kfi_law.parameters import Parameter
from kfi_law.traces import Figure


@money_rule("AF 1", "highest_share")
def the_share_is_the_rate_of_the_eligible_total(rate: Decimal, *, eligible_total: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return share_of(eligible_total, rate)


@money_rule("AF 2", "grant")
def the_grant_is_the_smallest_of_request_share_and_cap(
    _: Decimal, *, requested: Decimal, highest_share: Decimal, cap: Decimal | None = None
) -> Decimal:
    """Nothing to round: one of its inputs."""
    return min(requested, highest_share) if cap is None else min(requested, highest_share, cap)


@money_rule("AF 3", "remainder")
def own_and_other_money_cover_the_remainder(_: Decimal, *, eligible_total: Decimal, grant: Decimal) -> Decimal:
    """Nothing to round: a difference of whole cents."""
    return eligible_total - grant


@money_rule("AF 4", "final_grant")
def the_final_grant_keeps_the_planned_proportion(
    _: Decimal, *, eligible_total: Decimal, grant: Decimal, actual_total: Decimal
) -> Decimal:
    """Rounded half up to the cent; never more than the grant."""
    return min(grant, to_cents(actual_total * grant / eligible_total))


@money_rule("AF 5", "repayment")
def what_was_paid_above_the_final_grant_goes_back(_: Decimal, *, paid_out: Decimal, final_grant: Decimal) -> Decimal:
    """Nothing to round: a difference of whole cents."""
    return max(NOTHING, paid_out - final_grant)


SHARE_RULES = (
    the_share_is_the_rate_of_the_eligible_total,
    the_grant_is_the_smallest_of_request_share_and_cap,
    own_and_other_money_cover_the_remainder,
    the_final_grant_keeps_the_planned_proportion,
    what_was_paid_above_the_final_grant_goes_back,
)


@dataclass(frozen=True)
class Share:
    """How a project is financed by a share, in euro; grant and remainder add up to the eligible total."""

    highest_share: Figure[Decimal]
    grant: Figure[Decimal]
    remainder: Figure[Decimal]


def grant_by_share(
    *, eligible_total: Amount, requested: Decimal, rate: Parameter, guideline: Parameter, cap: Decimal | None = None
) -> Share:
    """What a request is worth at a rate (Decimal("0.80") for 80 %) of the eligible total, at most the cap."""
    highest = the_share_is_the_rate_of_the_eligible_total.figure(rate, eligible_total=eligible_total)
    limits = {} if cap is None else {"cap": cap}
    grant = the_grant_is_the_smallest_of_request_share_and_cap.figure(
        guideline, requested=requested, highest_share=highest, **limits
    )
    remainder = own_and_other_money_cover_the_remainder.figure(guideline, eligible_total=eligible_total, grant=grant)
    return Share(highest, grant, remainder)


def settle(
    *, eligible_total: Amount, grant: Amount, actual_total: Decimal, paid_out: Decimal, guideline: Parameter
) -> Settlement:
    """The grant after the actual eligible expenditure is known, other money staying in its proportion.

    ``eligible_total`` is the planned one and must be positive.
    """
    final = the_final_grant_keeps_the_planned_proportion.figure(
        guideline, eligible_total=eligible_total, grant=grant, actual_total=actual_total
    )
    back = what_was_paid_above_the_final_grant_goes_back.figure(guideline, paid_out=paid_out, final_grant=final)
    return Settlement(final, back)
