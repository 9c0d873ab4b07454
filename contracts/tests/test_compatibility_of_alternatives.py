"""A model may become one of several, told apart by their fields, where readers are updated before writers."""

import pytest

from kfi_contracts.compatibility import breaking_changes
from kfi_contracts.event import Published


class Circle(Published):
    radius: int


class Triangle(Published):
    base: int


class Badge(Published):
    side: int


class Wheelchair(Published):
    seat: Badge


class WheelchairWithRoundSeat(Wheelchair):
    seat: Badge | Circle  # type: ignore[assignment]


class WheelchairWithoutSeat(Wheelchair):
    seat: Badge | None  # type: ignore[assignment]


class WheelchairWithAnyRoundSeat(Wheelchair):
    seat: Badge | Circle | Triangle  # type: ignore[assignment]


@pytest.mark.parametrize("becomes", [WheelchairWithRoundSeat, WheelchairWithAnyRoundSeat])
def test_a_model_becomes_one_of_several_only_where_readers_are_updated_first(becomes: type[Published]) -> None:
    alone, grown = Wheelchair.model_json_schema(), becomes.model_json_schema()
    assert breaking_changes(alone, grown, readers_first=True) == []
    assert len(breaking_changes(alone, grown)) == 1
    assert len(breaking_changes(grown, alone, readers_first=True)) == 1, "a kind that goes is named"


def test_models_without_a_field_that_tells_them_apart_may_become_more_where_readers_are_updated_first() -> None:
    two, three = WheelchairWithRoundSeat.model_json_schema(), WheelchairWithAnyRoundSeat.model_json_schema()
    assert breaking_changes(two, three, readers_first=True) == []
    assert len(breaking_changes(two, three)) == 1


def test_a_model_that_may_be_missing_is_named_although_readers_are_updated_first() -> None:
    alone, gone = Wheelchair.model_json_schema(), WheelchairWithoutSeat.model_json_schema()
    assert len(breaking_changes(alone, gone, readers_first=True)) == 1


def test_a_change_inside_a_model_that_became_one_of_several_is_named() -> None:
    grown = WheelchairWithRoundSeat.model_json_schema()
    grown["$defs"]["Badge"]["properties"].pop("side")
    assert "field seat.side removed or renamed" in breaking_changes(
        Wheelchair.model_json_schema(), grown, readers_first=True
    )
