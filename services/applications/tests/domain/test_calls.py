"""Calls: what is taken, marked late, or refused; closed programmes."""

from collections.abc import Callable
from datetime import date

import pytest

from kfi_applications.domain.calls import Arrival, Call, DeadlineKind
from kfi_applications.domain.errors import CallNotAccepting
from kfi_applications.domain.programmes.catalogue import Catalogue, demonstration_calls, packaged_programmes

CallOf = Callable[..., Call]
CATALOGUE = Catalogue(packaged_programmes(), demonstration_calls())


@pytest.mark.parametrize(
    ("kind", "day", "arrival"),
    [
        (DeadlineKind.ORDNUNGSFRIST, date(2022, 11, 2), Arrival.IN_TIME),
        (DeadlineKind.ORDNUNGSFRIST, date(2022, 11, 3), Arrival.LATE),
        (DeadlineKind.AUSSCHLUSSFRIST, date(2022, 11, 2), Arrival.IN_TIME),
    ],
)
def test_f13a_the_kind_of_the_deadline_says_what_late_means(
    call_of: CallOf, kind: DeadlineKind, day: date, arrival: Arrival
) -> None:
    call = call_of(opens_on=date(2022, 9, 1), last_day=date(2022, 11, 2), deadline_kind=kind)
    assert call.arrival(day) is arrival


def test_f13b_nothing_is_taken_after_an_ausschlussfrist(call_of: CallOf) -> None:
    call = call_of(opens_on=date(2022, 9, 1), last_day=date(2022, 11, 2), deadline_kind=DeadlineKind.AUSSCHLUSSFRIST)
    with pytest.raises(CallNotAccepting, match="Ausschlussfrist of 2022-11-02"):
        call.arrival(date(2022, 11, 3))


def test_nothing_is_taken_before_a_call_opens_or_once_it_is_closed(call_of: CallOf) -> None:
    call = call_of(closed_on=date(2026, 6, 1))
    assert [call.accepts(day) for day in (date(2025, 12, 31), date(2026, 5, 31), date(2026, 6, 1))] == [
        False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("programme", ["zwar", "zusammenkommen-und-verstehen"])
def test_f15_a_closed_programme_takes_nothing(programme: str) -> None:
    with pytest.raises(CallNotAccepting, match="The programme is closed"):
        CATALOGUE.call(programme)


def test_an_unknown_call_is_told() -> None:
    with pytest.raises(CallNotAccepting, match="no such call"):
        CATALOGUE.call("nothing")


def test_every_packaged_call_is_marked_as_fictitious_and_has_a_programme() -> None:
    assert demonstration_calls()
    for call in demonstration_calls():
        assert call.fictitious
        assert CATALOGUE.programme(call.programme).closed is None
