"""Periods of the Civil Code: day, month and year periods that begin with an event (§§ 187 to 193 BGB).

Everything is in calendar days of Europe/Berlin. The day of the event does not count (§ 187 (1) BGB).
"""

from calendar import monthrange
from datetime import date, timedelta

from kfi_law.legal_calendar import next_working_day

MONTHS_OF_A_YEAR = 12


def nominal_end_of_month_period(event_day: date, months: int) -> date:
    """The day of the last month with the number of the event day, not yet moved to a working day.

    A month without that day ends the period on its own last day (§ 188 (2), (3) BGB). Raises ValueError for less than
    one month.
    """
    _refuse_less_than_one(months)
    year, month = divmod(event_day.year * MONTHS_OF_A_YEAR + event_day.month - 1 + months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(event_day.day, monthrange(year, month + 1)[1]))


def end_of_month_period(event_day: date, months: int) -> date:
    """The last day of a period of months begun by an event: §§ 187 (1), 188 (2) and (3), 193 BGB.

    Never a Saturday, Sunday or statutory holiday of North Rhine-Westphalia. Raises ValueError for less than one month.
    """
    return next_working_day(nominal_end_of_month_period(event_day, months))


def end_of_year_period(event_day: date, years: int) -> date:
    """The last day of a period of years begun by an event: §§ 187 (1), 188 (2) and (3), 193 BGB.

    A period begun on 29 February ends on 28 February of a common year. Raises ValueError for less than one year.
    """
    return end_of_month_period(event_day, years * MONTHS_OF_A_YEAR)


def nominal_end_of_day_period(event_day: date, days: int) -> date:
    """The last day of a period of days, not yet moved to a working day (§§ 187 (1), 188 (1) BGB).

    Raises ValueError for less than one day.
    """
    _refuse_less_than_one(days)
    return event_day + timedelta(days=days)


def end_of_day_period(event_day: date, days: int) -> date:
    """The last day of a period of days begun by an event: §§ 187 (1), 188 (1), 193 BGB.

    Never a Saturday, Sunday or statutory holiday of North Rhine-Westphalia. Raises ValueError for less than one day.
    """
    return next_working_day(nominal_end_of_day_period(event_day, days))


def _refuse_less_than_one(length: int) -> None:
    if length < 1:
        raise ValueError(f"A period of length {length} ends before it begins; give a length of at least 1.")
