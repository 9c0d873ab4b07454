"""What a member does with its partitions, against a client that notes every call."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, NodeNotReadyError

from kfi_chassis import assignment as assignments
from kfi_chassis.accounts import Accounts, Outcome
from kfi_chassis.assignment import Assignment
from kfi_chassis.testkit.delivery import raw_record
from kfi_chassis.testkit.polling import eventually

PARTITION = TopicPartition("t", 0)
RECORDS = [raw_record("t", offset=offset) for offset in range(4)]
HANDLED, HELD = Outcome.HANDLED, Outcome.HELD


class NotingClient:
    """Does what it is told and remembers it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.refuse_commit: Exception | None = None
        self.commit_for_ever = False
        self.taken_away = False
        self.left_at: int | Exception | None = None

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.calls.append(("commit", dict(offsets)))
        if self.commit_for_ever:
            await asyncio.Event().wait()
        if self.refuse_commit is not None:
            raise self.refuse_commit

    async def committed(self, _partition: TopicPartition) -> int | None:
        if isinstance(self.left_at, Exception):
            raise self.left_at
        return self.left_at

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if self.taken_away:
            raise IllegalStateError
        self.calls.append(("seek", offset))

    def pause(self, _partition: TopicPartition) -> None:
        self.calls.append(("pause",))

    def resume(self, _partition: TopicPartition) -> None:
        self.calls.append(("resume",))

    def highwater(self, _partition: TopicPartition) -> int:
        return 10


@pytest.fixture
def client() -> NotingClient:
    return NotingClient()


def make(client: NotingClient) -> Assignment:
    return Assignment(client, [PARTITION], accounts=Accounts())


async def conclude(assignment: Assignment, records: Any, outcomes: list[Outcome]) -> None:
    assignment.settle(records, outcomes)
    await assignment.commit()


async def test_only_explicit_offsets_are_committed(client: NotingClient) -> None:
    await conclude(make(client), RECORDS, [HANDLED] * 4)
    assert client.calls == [("commit", {PARTITION: 4})]


async def test_the_commit_stops_before_the_first_held_record_which_is_set_back_and_paused(client: NotingClient) -> None:
    assignment = make(client)
    await conclude(assignment, RECORDS, [HANDLED, HANDLED, HELD, HELD])
    assert client.calls == [("seek", 2), ("pause",), ("commit", {PARTITION: 2})]
    await eventually(lambda: client.calls[-1] == ("resume",))
    assert not assignment.paused


async def test_the_delay_doubles_up_to_five_seconds_and_begins_anew_after_a_success(client: NotingClient) -> None:
    assignment, delays = make(client), []
    for _ in range(9):
        await conclude(assignment, RECORDS[:1], [HELD])
        timer = assignment._timers.pop(PARTITION)
        delays.append(timer.when() - asyncio.get_running_loop().time())
        timer.cancel()
    assert delays == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0], abs=0.05)
    await conclude(assignment, RECORDS[:1], [HANDLED])
    await conclude(assignment, RECORDS[1:2], [HELD])
    assert assignment._delays[PARTITION] == pytest.approx(0.2)
    assignment.end()


async def test_after_its_end_nothing_is_committed_set_back_or_resumed(client: NotingClient) -> None:
    assignment = make(client)
    await conclude(assignment, RECORDS[:1], [HELD])
    assignment.end()
    client.calls.clear()
    await conclude(assignment, RECORDS, [HANDLED, HANDLED, HELD, HELD])
    await assignment.commit()
    assignment._resume(PARTITION)
    assert client.calls == []
    assert not assignment.paused


async def test_a_partition_taken_away_a_moment_ago_is_let_go(client: NotingClient) -> None:
    client.taken_away = True
    assignment = make(client)
    await conclude(assignment, RECORDS[:1], [HELD])
    assert client.calls == []
    assert not assignment.paused


async def test_a_commit_that_failed_is_made_again_with_the_newest_offset(client: NotingClient) -> None:
    assignment = make(client)
    client.refuse_commit = CommitFailedError()
    await conclude(assignment, RECORDS[:1], [HANDLED])
    assert assignment.failed_commits == 1
    client.refuse_commit = None
    await conclude(assignment, RECORDS[1:2], [HANDLED])
    await assignment.commit()
    assert client.calls == [("commit", {PARTITION: 1}), ("commit", {PARTITION: 2})]


async def test_a_commit_the_broker_never_answers_is_given_up(
    client: NotingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignments, "COMMIT_SECONDS", 0.05)
    client.commit_for_ever = True
    assignment = make(client)
    async with asyncio.timeout(2):
        await conclude(assignment, RECORDS, [HANDLED] * 4)
    assert assignment.failed_commits == 1


def test_lag_is_what_is_not_yet_dealt_with(client: NotingClient) -> None:
    accounts = Accounts()
    assignment = Assignment(client, [PARTITION], accounts=accounts)
    assert assignment.lag(PARTITION) is None
    accounts.settle(RECORDS, [HANDLED] * 4)
    assert assignment.lag(PARTITION) == 6
    assignment.end()
    assert assignment.lag(PARTITION) is None


async def test_what_was_read_ahead_is_handed_back_behind_what_was_held(client: NotingClient) -> None:
    accounts = Accounts()
    assignment = Assignment(client, [PARTITION], accounts=accounts)
    accounts.settle(RECORDS[:2], [HANDLED, HELD])
    await conclude(assignment, RECORDS[:2], [HANDLED, HELD])
    client.calls.clear()
    assignment.hand_back(RECORDS[2:])
    assert client.calls == [("seek", 1)]
    assignment.end()


async def test_what_was_read_ahead_is_handed_back_as_it_was_when_nothing_was_held(client: NotingClient) -> None:
    assignment = make(client)
    assignment.hand_back(RECORDS[2:])
    assert client.calls == [("seek", 2)]
    client.taken_away = True
    assignment.hand_back(RECORDS[2:])
    assignment.end()
    client.taken_away = False
    assignment.hand_back(RECORDS[2:])
    assert client.calls == [("seek", 2)]


@pytest.mark.parametrize(
    ("left_at", "known"), [(7, 7), (0, 0), (None, None), (NodeNotReadyError(), None), (TimeoutError(), None)]
)
async def test_it_goes_on_where_the_group_left_it_if_the_broker_says_so(
    client: NotingClient, left_at: int | Exception | None, known: int | None
) -> None:
    client.left_at, accounts = left_at, Accounts()
    await Assignment(client, [PARTITION], accounts=accounts).learn_where_it_goes_on()
    assert accounts[PARTITION].next_offset == known


async def test_what_the_broker_says_too_late_changes_nothing(client: NotingClient) -> None:
    assignment = make(client)
    client.left_at = 1
    assignment.settle(RECORDS, [HANDLED] * 4)
    assignment._accounts.settle(RECORDS, [HANDLED] * 4)
    await assignment.learn_where_it_goes_on()
    assert assignment._accounts[PARTITION].next_offset == 4
