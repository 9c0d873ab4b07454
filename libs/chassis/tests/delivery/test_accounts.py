"""The accounts, by any sequence of batches: they balance when all is well and tell when a record is missing."""

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from kfi_chassis.accounts import Accounts, AccountsDoNotBalanceError, Outcome
from kfi_chassis.testkit.delivery import raw_record

PARTITION = TopicPartition("t", 0)
DONE = [outcome for outcome in Outcome if outcome is not Outcome.HELD]
batches = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5), st.sampled_from(DONE)), max_size=20)


@given(batches)
def test_they_balance_whatever_is_held_and_polled_again(history: list[tuple[int, int, Outcome]]) -> None:
    accounts, next_offset = Accounts(), 0
    for size, done, outcome in history:
        records = [raw_record("t", offset=next_offset + number) for number in range(size)]
        outcomes = [outcome if number < done else Outcome.HELD for number in range(size)]
        accounts.polled(records)
        accounts.settle(records, outcomes)
        next_offset += min(done, size)
        accounts.committed({PARTITION: next_offset})
        accounts.check()
    assert sum(accounts.total(outcome) for outcome in Outcome) == accounts[PARTITION].polled
    assert accounts[PARTITION].next_offset in (None, next_offset)


def test_a_polled_record_without_an_outcome_is_told() -> None:
    accounts = Accounts()
    accounts.polled([raw_record("t", offset=0)])
    with pytest.raises(AccountsDoNotBalanceError):
        accounts.check()


def test_a_batch_that_never_came_to_the_handler_is_told() -> None:
    accounts = Accounts()
    for offset in (0, 2):
        accounts.polled([raw_record("t", offset=offset)])
        accounts.settle([raw_record("t", offset=offset)], [Outcome.HANDLED])
    with pytest.raises(AccountsDoNotBalanceError, match="passed over"):
        accounts.check()


def test_an_offset_committed_past_a_held_record_is_told() -> None:
    accounts = Accounts()
    accounts.polled([raw_record("t", offset=5)])
    accounts.settle([raw_record("t", offset=5)], [Outcome.HELD])
    accounts.committed({PARTITION: 5})
    accounts.check()
    accounts.committed({PARTITION: 6})
    with pytest.raises(AccountsDoNotBalanceError, match="committed"):
        accounts.check()


def test_a_partition_that_comes_back_begins_where_the_group_left_it() -> None:
    accounts = Accounts()
    for offset in (3, 90):
        accounts.assigned([PARTITION])
        accounts.polled([raw_record("t", offset=offset)])
        accounts.settle([raw_record("t", offset=offset)], [Outcome.HANDLED])
    accounts.check()
