"""How long the personal data of a case is kept, and its end (Art. 5 (1) (e), Art. 17 (1) (a) and (3) (b) GDPR)."""

from datetime import date
from typing import ClassVar

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.errors import RuleBroken
from kfi_applications.domain.states import ENDED


class RetentionRuns(RuleBroken):
    """The personal data of the case has to be kept for a while."""

    code: ClassVar[str] = "retention-runs"
    title: ClassVar[str] = "The personal data of the case has to be kept for a while"


def retained_until(application: Application, years: int) -> date:
    """The last day of the retention: the end of the year, so many years after the one in which the case ended.

    It has ended when it is closed and its project is over. Raises RetentionRuns while it is open.
    """
    if application.state not in ENDED:
        raise RetentionRuns("The case is not closed.", fix="Close it; its retention begins then.")
    remedies, decision = application.remedies, application.decision
    days = (
        application.filed_on,
        application.project.period_to if decision is not None and decision.granted_amount else None,
        None if decision is None else decision.decided_on,
        remedies.announced_on,
        remedies.final_on,
        application.withdrawn_on,
    )
    return date(max(day for day in days if day is not None).year + years, 12, 31)


def erase(application: Application, on: date, years: int) -> date:
    """Its personal data goes; the last day of the retention. Raises RetentionRuns, with that day, while it runs."""
    last_day = retained_until(application, years)
    if on <= last_day:
        raise RetentionRuns(
            f"The personal data of {application.file_number} is kept until {last_day}.", fix="Come back after that day."
        )
    if application.erased_on is None:
        application.erased_on = on
        application.happened.append(Happening.ERASED)
    return last_day
