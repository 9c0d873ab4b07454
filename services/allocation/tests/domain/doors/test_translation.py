"""Each town is told what concerns it and nothing of another; the snapshot is what its events tell."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfi_allocation.domain.doors.town_state import TownHousehold, after
from kfi_allocation.domain.doors.translation import Known, NotFollowing, translate
from kfi_contracts import allocation as said
from kfi_contracts import municipality as told
from kfi_contracts.event import Event

HOUSEHOLD, RUN = UUID(int=7), UUID(int=8)
A, B, C = "05515000", "05913000", "05711000"
DAY = date(2026, 3, 9)
PROPOSED = said.AllocationProposed(household_id=HOUSEHOLD, run_id=RUN, ags=A, persons=4, object_until=DAY)
REVISED = said.AllocationRevised(
    household_id=HOUSEHOLD, run_id=RUN, from_ags=A, to_ags=B,
    reason=said.RevisionReason.OBJECTION_UPHELD, object_until=DAY,
)  # fmt: skip


class Towns:
    """What every town was told, in order."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.told: dict[str, list[told.MunicipalEvent]] = defaultdict(list)

    def hear(self, *events: Event) -> "Towns":
        for event in events:
            translation = translate(event, self.known)
            self.known |= translation.known
            for each in translation.events:
                self.told[each.ags].append(each)
        return self

    def state(self, ags: str) -> TownHousehold | None:
        household = None
        for event in self.told[ags]:
            household = after(household, event)
        return household


def test_the_old_town_hears_that_it_is_withdrawn_and_the_new_one_what_is_proposed() -> None:
    towns = Towns().hear(PROPOSED, REVISED)
    assert [type(each) for each in towns.told[A]] == [told.TownPlacementProposed, told.TownPlacementWithdrawn]
    (proposed,) = towns.told[B]
    assert isinstance(proposed, told.TownPlacementProposed)
    assert (proposed.persons, proposed.dataref) == (4, f"/allocation/v1/municipalities/{B}/households/{HOUSEHOLD}")
    assert (towns.state(A), towns.state(B).state) == (None, "proposed")  # type: ignore[union-attr]


def test_a_household_nobody_was_told_of_concerns_no_town() -> None:
    announced = said.HouseholdAnnounced(household_id=HOUSEHOLD, list_id=RUN, group="resettlement", persons=4)
    amended = said.HouseholdAmended(household_id=HOUSEHOLD, persons=5)
    cancelled = said.HouseholdCancelled(household_id=HOUSEHOLD, cancelled_on=DAY)
    assert Towns().hear(announced, amended, cancelled).told == {}


def test_what_does_not_follow_from_anything_told_is_left_to_a_person() -> None:
    with pytest.raises(NotFollowing):
        translate(REVISED, {})


def test_a_correction_reaches_only_the_town_that_still_waits() -> None:
    towns = Towns().hear(PROPOSED, REVISED, said.HouseholdAmended(household_id=HOUSEHOLD, persons=5, arrival_on=DAY))
    assert [type(each) for each in towns.told[A]] == [told.TownPlacementProposed, told.TownPlacementWithdrawn]
    state = towns.state(B)
    assert state is not None
    assert (state.persons, state.arrival_on) == (5, DAY)


def test_an_erasure_reaches_every_town_that_may_have_fetched_the_data() -> None:
    towns = Towns().hear(PROPOSED, REVISED, said.HouseholdErased(household_id=HOUSEHOLD, erased_on=DAY))
    assert [type(towns.told[ags][-1]) for ags in (A, B)] == [told.TownHouseholdErased] * 2


def test_a_part_of_a_household_that_moves_on_leaves_the_rest_where_it_lives() -> None:
    arrived = said.ArrivalConfirmed(household_id=HOUSEHOLD, ags=A, persons=4, arrived_on=DAY)
    moved = said.HouseholdMoved(household_id=HOUSEHOLD, from_ags=A, to_ags=B, persons=1, moved_on=DAY)
    towns = Towns().hear(PROPOSED, arrived, moved)
    left, came = towns.state(A), towns.state(B)
    assert left is not None
    assert came is not None
    assert (left.persons, came.persons, came.state) == (3, 1, "arrived")
    gone = said.HouseholdMoved(household_id=HOUSEHOLD, from_ags=A, persons=3, moved_on=DAY)
    assert towns.hear(gone).state(A) is None


def _later(draw: Any, towns: Mapping[str, Known], household: UUID) -> Event:
    here = draw(st.sampled_from(sorted(ags for ags in towns)))
    there = draw(st.sampled_from([ags for ags in (A, B, C) if ags != here]))
    some = draw(st.integers(1, 4))
    return draw(  # type: ignore[no-any-return]
        st.sampled_from(
            [
                REVISED.model_copy(update={"household_id": household, "from_ags": here, "to_ags": there}),
                said.AllocationObjected(
                    household_id=household, ags=here, reason=said.ObjectionReason.OTHER, objected_on=DAY
                ),
                said.PlacementAgreed(household_id=household, ags=here, agreed_on=DAY),
                said.AllocationDecided(
                    household_id=household, decision_id=RUN, ags=here, decided_on=DAY, letter_id=RUN
                ),
                said.HouseholdAmended(household_id=household, persons=some),
                said.HouseholdCancelled(household_id=household, cancelled_on=DAY, ags=here),
                said.ArrivalConfirmed(household_id=household, ags=here, persons=some, arrived_on=DAY),
                said.HouseholdMoved(household_id=household, from_ags=here, to_ags=there, persons=some, moved_on=DAY),
                said.HouseholdErased(household_id=household, erased_on=DAY),
            ]
        )
    )


@settings(max_examples=200)
@given(st.data())
def test_no_town_is_ever_told_of_another_town_or_of_a_household_that_was_never_meant_for_it(data: Any) -> None:
    meant: dict[str, set[UUID]] = defaultdict(set)
    everything: list[told.MunicipalEvent] = []
    for number in (1, 2, 3):
        household = UUID(int=number)
        towns = Towns().hear(
            PROPOSED.model_copy(update={"household_id": household, "ags": data.draw(st.sampled_from([A, B]))})
        )
        for _ in range(data.draw(st.integers(0, 6))):
            event = _later(data.draw, towns.known, household)
            towns.hear(event)
        for ags in towns.known:
            meant[ags].add(household)
        everything += [each for events in towns.told.values() for each in events]
    for each in everything:
        text = json.dumps(each.model_dump(mode="json"))
        assert not any(other in text for other in {A, B, C} - {each.ags})
        assert UUID(str(each.model_dump()["household_id"])) in meant[each.ags]
