from datetime import date

import pytest

from kfi_allocation.domain.groups import ROWS, Group, NoSuchGroup, Procedure, group_on

DAY = date(2026, 11, 23)


def test_every_group_of_the_law_has_one_row_on_a_day():
    for group in Group:
        assert sum(row.group is group and row.holds_on(DAY) for row in ROWS) == 1


def test_numbers_1_and_2_are_coordinated_and_numbers_3_to_5_are_decided():
    procedures = {row.number: row.procedure for row in ROWS}
    assert procedures == {
        1: Procedure.COORDINATED, 2: Procedure.COORDINATED,
        3: Procedure.DECIDED, 4: Procedure.DECIDED, 5: Procedure.DECIDED,
    }  # fmt: skip


def test_the_community_is_asked_for_jewish_immigrants_alone():
    assert [group for group in Group if group_on(group, DAY).community_is_asked] == [Group.JEWISH_IMMIGRANTS]


def test_before_the_law_of_2022_there_is_no_such_group():
    with pytest.raises(NoSuchGroup):
        group_on(Group.RESETTLEMENT, date(2021, 12, 31))
