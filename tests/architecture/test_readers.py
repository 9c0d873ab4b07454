"""Whoever waits for a reader neither waits in vain nor gives up on one that goes on."""

from typing import Any

import pytest
from tests.harness import bus, reader
from tests.harness.reader import Reader

PLACE = ("topic", 0)


class Group:
    """The bus, with a group that has come so far at each look at it, and says no more of itself."""

    def __init__(self, *looks: int) -> None:
        self._looks = list(looks)

    async def committed(self, _group: str, _topic: str) -> dict[tuple[str, int], int]:
        return {PLACE: self._now()}

    async def committed_altogether(self, _group: str) -> int:
        return self._now()

    async def member(self, _group: str) -> str:
        return "nothing is paused"

    def _now(self) -> int:
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(reader, "LOOK_AGAIN_AFTER_SECONDS", 0.0)


def reads(*looks: int) -> Reader:
    group: Any = Group(*looks)
    platform: Any = None
    return Reader("service", "topic", group, platform)


@pytest.mark.parametrize("looks", [(9, 10), (9, 9, 10)])
async def test_a_last_commit_between_two_looks_is_no_reader_that_stands_still(looks: tuple[int, ...]) -> None:
    await reads(*looks).reached([(0, 9)])


async def test_a_reader_is_waited_for_as_long_as_it_goes_on() -> None:
    await reads(*range(200)).reached([(0, 150)])


async def test_a_reader_that_stands_still_is_told_with_what_is_left_and_what_it_says_of_itself() -> None:
    with pytest.raises(TimeoutError, match=r"service reads 3 more of topic\nnothing is paused"):
        await reads(7).reached([(0, 9)])
