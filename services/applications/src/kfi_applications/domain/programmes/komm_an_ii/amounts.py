"""How much is funded: a lump sum for each unit, each rule a sentence with its number. Nothing is rounded."""

from decimal import Decimal

from kfi_applications.domain.calculation import MoneyRule, money_rule
from kfi_applications.domain.case import Case
from kfi_applications.domain.programmes.fixed_amounts import FIXED_AMOUNT_RULES, grant_of_lump_sums
from kfi_applications.domain.programmes.komm_an_ii.measures import Kind, months_of, of_kind, recognised_rooms
from kfi_applications.domain.programmes.komm_an_ii.terms import Terms
from kfi_law.traces import Figure


@money_rule("KA 8", "a1")
def a_recognised_room_has_a_lump_sum_once(lump_sum: Decimal, *, rooms: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * rooms


@money_rule("KA 9", "a2")
def a_month_of_running_costs_has_a_lump_sum(lump_sum: Decimal, *, months: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * months


@money_rule("KA 10", "b1")
def an_accompaniment_by_a_volunteer_has_a_lump_sum(lump_sum: Decimal, *, accompaniments: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * accompaniments


@money_rule("KA 11", "b2")
def a_gathering_has_a_lump_sum_or_each_month_of_it(lump_sum: Decimal, **units: Decimal) -> Decimal:
    """Whole cents times measures (text of 2024) or months of measures (text of 2018), as the call says."""
    (count,) = units.values()
    return lump_sum * count


@money_rule("KA 12", "c_print")
def a_print_medium_has_a_lump_sum(lump_sum: Decimal, *, media: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * media


@money_rule("KA 13", "c_internet")
def an_internet_medium_has_a_lump_sum(lump_sum: Decimal, *, media: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * media


@money_rule("KA 14", "c_translation")
def a_translated_page_has_a_lump_sum(lump_sum: Decimal, *, pages: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * pages


@money_rule("KA 15", "d1")
def an_hour_of_training_has_a_lump_sum(lump_sum: Decimal, *, hours: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * hours


@money_rule("KA 16", "d2")
def an_exchange_meeting_has_a_lump_sum(lump_sum: Decimal, *, meetings: Decimal) -> Decimal:
    """Whole cents times a count."""
    return lump_sum * meetings


@money_rule("KA 17", "eligible_total")
def the_lump_sums_add_up(_: Decimal, **lump_sums: Decimal) -> Decimal:
    """A sum of whole cents."""
    return sum(lump_sums.values(), Decimal("0.00"))


_COUNTED: dict[Kind, tuple[MoneyRule, str]] = {
    Kind.ROOMS: (a_recognised_room_has_a_lump_sum_once, "rooms"),
    Kind.RUNNING_COSTS: (a_month_of_running_costs_has_a_lump_sum, "months"),
    Kind.ACCOMPANIMENTS: (an_accompaniment_by_a_volunteer_has_a_lump_sum, "accompaniments"),
    Kind.GATHERINGS: (a_gathering_has_a_lump_sum_or_each_month_of_it, "measures"),
    Kind.PRINT_MEDIA: (a_print_medium_has_a_lump_sum, "media"),
    Kind.INTERNET_MEDIA: (an_internet_medium_has_a_lump_sum, "media"),
    Kind.TRANSLATION: (a_translated_page_has_a_lump_sum, "pages"),
    Kind.TRAINING: (an_hour_of_training_has_a_lump_sum, "hours"),
    Kind.EXCHANGE: (an_exchange_meeting_has_a_lump_sum, "meetings"),
}
MONEY_RULES: tuple[MoneyRule, ...] = (
    *(rule for rule, _ in _COUNTED.values()), the_lump_sums_add_up, *FIXED_AMOUNT_RULES,
)  # fmt: skip


def lump_sums_of(case: Case, terms: Terms) -> dict[Kind, Figure[Decimal]]:
    """The lump sums of each kind that the plan has a measure of, in euro."""
    return {kind: _lump_sum(kind, case, terms) for kind in Kind if of_kind(kind, case)}


def total_of(lump_sums: dict[Kind, Figure[Decimal]], terms: Terms) -> Figure[Decimal]:
    """All lump sums together."""
    named = {_COUNTED[kind][0].gives: figure for kind, figure in lump_sums.items()}
    return the_lump_sums_add_up.figure(terms.guideline, **named)


def amounts_of(case: Case, terms: Terms) -> dict[str, Figure[Decimal]]:
    """The amounts of a case by name: each kind of measure there is, their total, grant and remainder."""
    lump_sums = lump_sums_of(case, terms)
    total = total_of(lump_sums, terms)
    granted = grant_of_lump_sums(
        lump_sums=total, requested=case.finance_plan.requested_grant, guideline=terms.guideline, cap=case.call.cap
    )
    by_name = {_COUNTED[kind][0].gives: figure for kind, figure in lump_sums.items()}
    return by_name | {"eligible_total": total, "grant": granted.grant, "remainder": granted.remainder}


def _lump_sum(kind: Kind, case: Case, terms: Terms) -> Figure[Decimal]:
    rule, unit = _COUNTED[kind]
    measures = of_kind(kind, case)
    if kind is Kind.ROOMS:
        units = recognised_rooms(case, terms)
    elif kind is Kind.RUNNING_COSTS:
        units = months_of(measures, case.call.partial_month)
    elif kind is Kind.GATHERINGS and terms.b2_by_month:
        unit, units = "months", months_of(measures, case.call.partial_month)
    else:
        units = sum(measure.count for measure in measures)
    return rule.figure(terms.value(kind), **{unit: units})
