"""The test kit keeps what Kafka guarantees and nothing more."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_chassis.testkit.delivery import every_record_twice, keys_mixed, records_of
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.testkit.polling import eventually

EVENT = happened_on("testkit")
SUBJECTS = [uuid4() for _ in range(3)]


@given(st.lists(st.integers(0, 2), max_size=20), st.integers())
def test_mixing_keys_keeps_each_keys_order_and_every_record(choice: list[int], seed: int) -> None:
    records = records_of([EVENT(subject_id=SUBJECTS[index], number=n) for n, index in enumerate(choice)])
    mixed = keys_mixed(records, seed)
    assert sorted(record.offset for record in mixed) == sorted(record.offset for record in records)
    for key in {record.key for record in records}:
        assert [r.offset for r in mixed if r.key == key] == [r.offset for r in records if r.key == key]


def test_every_record_comes_three_times_and_first_in_order() -> None:
    records = records_of([EVENT(subject_id=SUBJECTS[0], number=number) for number in range(3)])
    copies = every_record_twice(records)
    assert [copies.count(record) for record in records] == [3, 3, 3]
    assert list(dict.fromkeys(record.offset for record in copies)) == [record.offset for record in records]


async def test_eventually_returns_the_answer_or_tells_the_last_one() -> None:
    answers = iter([0, None, "yes"])
    assert await eventually(lambda: next(answers), every=0) == "yes"
    with pytest.raises(TimeoutError, match="still 0"):
        await eventually(lambda: 0, within=0.01)
