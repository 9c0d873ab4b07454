from datetime import date

import pytest
from services.allocation.tests.placements import TODAY, announced, decided

from kfi_allocation.domain.happenings import HouseholdErased
from kfi_allocation.domain.placement_retention import HouseholdIsKept, erase, kept_until

YEARS = 10
LAST = date(TODAY.year + YEARS, 12, 31)
AFTER = date(TODAY.year + YEARS + 1, 1, 1)


def test_nothing_is_erased_while_the_procedure_runs_or_the_retention_does():
    for placement in (announced(), decided()):
        with pytest.raises(HouseholdIsKept):
            erase(placement, AFTER, YEARS)
    ended = announced()
    ended.cancel(TODAY)
    assert kept_until(ended, YEARS) == LAST
    with pytest.raises(HouseholdIsKept):
        erase(ended, LAST, YEARS)
    erase(ended, AFTER, YEARS)
    assert ended.happened[-1] == HouseholdErased(AFTER)


def test_a_decision_that_can_be_contested_is_kept():
    placement = decided()
    placement.confirm_arrival(persons=4, on=TODAY)
    placement.record_announcement(placement.decision.id, TODAY, LAST)
    with pytest.raises(HouseholdIsKept):
        kept_until(placement, YEARS)
    placement.end_remedy_period(placement.decision.id, TODAY)
    assert kept_until(placement, YEARS) == LAST


def test_who_is_erased_stays_erased_on_the_first_day():
    placement = announced()
    placement.cancel(TODAY)
    erase(placement, AFTER, YEARS)
    erase(placement, date(AFTER.year + 1, 1, 1), YEARS)
    assert placement.erased_on == AFTER
    assert sum(isinstance(each, HouseholdErased) for each in placement.happened) == 1
