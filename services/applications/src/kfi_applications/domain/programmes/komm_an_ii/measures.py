"""The kinds of measures, what each must state, and how its units are counted."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kfi_applications.domain.calls import PartialMonth
from kfi_applications.domain.case import Case, Measure
from kfi_applications.domain.errors import FactMissing
from kfi_applications.domain.programmes.komm_an_ii.terms import Terms

_MONTHS = 12


class Kind(StrEnum):
    """What a lump sum is asked for."""

    ROOMS = "a1"
    RUNNING_COSTS = "a2"
    ACCOMPANIMENTS = "b1"
    GATHERINGS = "b2"
    PRINT_MEDIA = "c-print"
    INTERNET_MEDIA = "c-internet"
    TRANSLATION = "c-translation"
    TRAINING = "d1"
    EXCHANGE = "d2"


def of_kind(kind: Kind, case: Case) -> tuple[Measure, ...]:
    """The planned measures of one kind."""
    return tuple(measure for measure in case.finance_plan.measures if measure.kind == kind)


def costs_enough(measure: Measure, terms: Terms) -> bool:
    """A1: whether a room is planned with more than the amount that must be exceeded."""
    return measure.planned_costs is not None and measure.planned_costs > Decimal(terms.value("a1-costs-above").value)


def used_enough(measure: Measure, terms: Terms) -> bool:
    """A1: whether the plan of use (Belegungsplan) keeps enough hours for this purpose."""
    if measure.hours_in_use is None or measure.hours_for_purpose is None:
        return False
    return measure.hours_for_purpose >= measure.hours_in_use * Decimal(terms.value("a1-least-use").value)


def rooms_by_meeting_point(case: Case, terms: Terms) -> dict[str, int]:
    """A1: the rooms that may have a lump sum, by meeting point; there is one for each label."""
    rooms: dict[str, int] = defaultdict(int)
    for measure in of_kind(Kind.ROOMS, case):
        if costs_enough(measure, terms) and used_enough(measure, terms):
            rooms[measure.label] += measure.count
    return rooms


def recognised_rooms(case: Case, terms: Terms) -> int:
    """A1: the rooms that get a lump sum; a meeting point has a highest number of them."""
    most = int(terms.value("a1-most-rooms").value)
    return sum(min(rooms, most) for rooms in rooms_by_meeting_point(case, terms).values())


def months_of(measures: Iterable[Measure], partial: PartialMonth | None) -> int:
    """The months of all measures together, each as often as its count."""
    return sum(measure.count * _months(measure.period_from, measure.period_to, partial) for measure in measures)


def _months(first: date | None, last: date | None, partial: PartialMonth | None) -> int:
    if first is None or last is None:
        return 0
    if partial is PartialMonth.ONLY_FULL_MONTHS:
        begins, ends = (
            _number(first) + (first.day > 1),
            _number(last) - (last.day < monthrange(last.year, last.month)[1]),
        )
    else:
        begins, ends = _number(first), _number(last)
    return max(0, ends - begins + 1)


def _number(day: date) -> int:
    return day.year * _MONTHS + day.month


def the_measures_are_stated(case: Case) -> None:
    """Raises FactMissing for a plan without measures, and for the first one that lacks what its kind needs."""
    if not case.finance_plan.measures:
        raise _missing("No measure is stated; each lump sum is for one.", "finance_plan/measures")
    by_month = Terms.of(case).b2_by_month
    for place, measure in enumerate(case.finance_plan.measures):
        lacking = _lacking(measure, case, by_month=by_month)
        if lacking:
            raise _missing(
                "The measure cannot be judged by what is stated.", f"finance_plan/measures/{place}/{lacking}"
            )


def _lacking(measure: Measure, case: Case, *, by_month: bool) -> str | None:
    if measure.kind not in set(Kind):
        return "kind"
    if measure.kind == Kind.ROOMS:
        needed = ("planned_costs", "hours_for_purpose", "hours_in_use")
        return next((name for name in needed if getattr(measure, name) is None), None)
    if measure.kind == Kind.RUNNING_COSTS or (measure.kind == Kind.GATHERINGS and by_month):
        return _lacking_in_the_period(measure, case)
    return None


def _lacking_in_the_period(measure: Measure, case: Case) -> str | None:
    project = case.project
    if measure.period_from is None or measure.period_from < project.period_from:
        return "period_from"
    if measure.period_to is None or not measure.period_from <= measure.period_to <= project.period_to:
        return "period_to"
    return None


def _missing(detail: str, field: str) -> FactMissing:
    return FactMissing(detail, fix="State it; a period lies within that of the project.", field=field)
