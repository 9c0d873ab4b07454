from hypothesis import given
from hypothesis import strategies as st

from kfi_notifications.domain.backoff import FIRST, LONGEST, delay_after


@given(attempts=st.integers(1, 10_000), spread=st.floats(0, 1))
def test_the_wait_is_never_nothing_and_never_longer_than_the_longest(attempts: int, spread: float) -> None:
    assert FIRST / 2 <= delay_after(attempts, spread) <= LONGEST


def test_the_wait_doubles_until_the_longest() -> None:
    waits = [delay_after(attempts, 0.0) for attempts in range(1, 12)]
    assert waits[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST
    assert waits == sorted(waits)


def test_what_failed_together_does_not_come_back_together() -> None:
    assert delay_after(5, 0.0) != delay_after(5, 0.7)
