"""Full financing (Vollfinanzierung): the grant covers the eligible expenditure up to a highest sum.

Nr. 2.2 VV zu § 44 LHO. The exception among the kinds of financing; nothing is rounded, because nothing is multiplied by
a rate. One set of rules serves every programme financed in full: the highest sum comes in as dated data.
"""

from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.calculation import Amount, money_rule
from kfi_applications.domain.money import NOTHING
from kfi_applications.domain.programmes.programme import Settlement
from kfi_law.parameters import Parameter
from kfi_law.traces import Figure


@money_rule("VF 1", "grant")
def the_grant_is_the_smallest_of_request_expenditure_and_highest_sum(
    _: Decimal, *, requested: Decimal, eligible_total: Decimal, highest_sum: Decimal, cap: Decimal | None = None
) -> Decimal:
    """Nothing to round: one of its inputs."""
    whole = min(requested, eligible_total, highest_sum)
    return whole if cap is None else min(whole, cap)


@money_rule("VF 2", "remainder")
def the_applicant_bears_what_the_grant_does_not_cover(
    _: Decimal, *, eligible_total: Decimal, grant: Decimal
) -> Decimal:
    """Nothing to round: a difference of whole cents."""
    return eligible_total - grant


@money_rule("VF 3", "final_grant")
def the_final_grant_falls_by_every_euro_saved(
    _: Decimal, *, eligible_total: Decimal, grant: Decimal, actual_total: Decimal
) -> Decimal:
    """Nothing to round; never more than the grant and never less than nothing."""
    saved = max(NOTHING, eligible_total - actual_total)
    return max(NOTHING, grant - saved)


@money_rule("VF 4", "repayment")
def what_was_paid_above_the_final_grant_is_paid_back(_: Decimal, *, paid_out: Decimal, final_grant: Decimal) -> Decimal:
    """Nothing to round: a difference of whole cents."""
    return max(NOTHING, paid_out - final_grant)


FULL_RULES = (
    the_grant_is_the_smallest_of_request_expenditure_and_highest_sum,
    the_applicant_bears_what_the_grant_does_not_cover,
    the_final_grant_falls_by_every_euro_saved,
    what_was_paid_above_the_final_grant_is_paid_back,
)


@dataclass(frozen=True)
class Whole:
    """How a project is financed in full, in euro; grant and remainder add up to the eligible total."""

    grant: Figure[Decimal]
    remainder: Figure[Decimal]


def grant_in_full(
    *, eligible_total: Amount, requested: Decimal, highest_sum: Amount, guideline: Parameter, cap: Decimal | None = None
) -> Whole:
    """What a request is worth when all eligible expenditure is covered, at most the highest sum and the cap."""
    limits = {} if cap is None else {"cap": cap}
    grant = the_grant_is_the_smallest_of_request_expenditure_and_highest_sum.figure(
        guideline, requested=requested, eligible_total=eligible_total, highest_sum=highest_sum, **limits
    )
    remainder = the_applicant_bears_what_the_grant_does_not_cover.figure(
        guideline, eligible_total=eligible_total, grant=grant
    )
    return Whole(grant, remainder)


def settle_in_full(
    *, eligible_total: Amount, grant: Amount, actual_total: Decimal, paid_out: Decimal, guideline: Parameter
) -> Settlement:
    """The grant after the actual eligible expenditure is known: whatever was saved is saved by the Land."""
    final = the_final_grant_falls_by_every_euro_saved.figure(
        guideline, eligible_total=eligible_total, grant=grant, actual_total=actual_total
    )
    back = what_was_paid_above_the_final_grant_is_paid_back.figure(guideline, paid_out=paid_out, final_grant=final)
    return Settlement(final, back)
