"""Fixed amounts (Festbetragsfinanzierung): lump sums for units, whatever they cost in the end.

Nr. 2.2 VV zu § 44 LHO. One set of rules serves every programme of lump sums: what they add up to comes in as a figure.
"""

from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.calculation import Amount, money_rule
from kfi_applications.domain.money import NOTHING
from kfi_applications.domain.programmes.programme import Settlement
from kfi_law.parameters import Parameter
from kfi_law.traces import Figure


@money_rule("FB 1", "grant")
def the_grant_is_the_smallest_of_request_lump_sums_and_cap(
    _: Decimal, *, requested: Decimal, eligible_total: Decimal, cap: Decimal | None = None
) -> Decimal:
    """Nothing to round: one of its inputs."""
    return min(requested, eligible_total) if cap is None else min(requested, eligible_total, cap)


@money_rule("FB 2", "remainder")
def lump_sums_that_were_not_granted_remain(_: Decimal, *, eligible_total: Decimal, grant: Decimal) -> Decimal:
    """Nothing to round: a difference of whole cents."""
    return eligible_total - grant


@money_rule("FB 3", "final_grant")
def only_units_that_took_place_keep_their_lump_sum(_: Decimal, *, grant: Decimal, eligible_total: Decimal) -> Decimal:
    """Nothing to round: one of its inputs; ``eligible_total`` is that of the units that took place."""
    return min(grant, eligible_total)


@money_rule("FB 4", "repayment")
def what_was_paid_above_the_kept_lump_sums_goes_back(_: Decimal, *, paid_out: Decimal, final_grant: Decimal) -> Decimal:
    """Nothing to round: a difference of whole cents."""
    return max(NOTHING, paid_out - final_grant)


FIXED_AMOUNT_RULES = (
    the_grant_is_the_smallest_of_request_lump_sums_and_cap,
    lump_sums_that_were_not_granted_remain,
    only_units_that_took_place_keep_their_lump_sum,
    what_was_paid_above_the_kept_lump_sums_goes_back,
)


@dataclass(frozen=True)
class FixedAmount:
    """What is granted of lump sums, in euro; grant and remainder are their total."""

    grant: Figure[Decimal]
    remainder: Figure[Decimal]


def grant_of_lump_sums(
    *, lump_sums: Amount, requested: Decimal, guideline: Parameter, cap: Decimal | None = None
) -> FixedAmount:
    """What a request is worth, at most its lump sums and the cap."""
    limits = {} if cap is None else {"cap": cap}
    grant = the_grant_is_the_smallest_of_request_lump_sums_and_cap.figure(
        guideline, requested=requested, eligible_total=lump_sums, **limits
    )
    remainder = lump_sums_that_were_not_granted_remain.figure(guideline, eligible_total=lump_sums, grant=grant)
    return FixedAmount(grant, remainder)


def settle_lump_sums(*, grant: Amount, actual_lump_sums: Amount, paid_out: Decimal, guideline: Parameter) -> Settlement:
    """The grant after it is known which units took place."""
    final = only_units_that_took_place_keep_their_lump_sum.figure(
        guideline, grant=grant, eligible_total=actual_lump_sums
    )
    back = what_was_paid_above_the_kept_lump_sums_goes_back.figure(guideline, paid_out=paid_out, final_grant=final)
    return Settlement(final, back)
