"""Pages by cursor skip nothing and show nothing twice."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_chassis.paging import PageRequest
from kfi_chassis.problems import InvalidInput


@given(st.lists(st.text(), unique=True), st.integers(1, 7))
def test_page_by_page_everything_is_seen_once_and_in_order(names: list[str], limit: int) -> None:
    rows = sorted(name.encode("utf-8", "replace").decode().replace("\x00", "") for name in names)
    rows = sorted(set(rows))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        request = PageRequest(cursor, limit)
        after = request.after(str)
        rest = [row for row in rows if after is None or (row,) > after]
        page = request.page(rest[: request.rows], view=str, key=lambda row: (row,))
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    assert seen == rows


def test_a_cursor_carries_the_whole_sort_key() -> None:
    row = ("2026-11-23", uuid4())
    page = PageRequest(None, 1).page([row, row], view=str, key=lambda row: row)
    assert PageRequest(page.next, 1).after(str, UUID) == row


@pytest.mark.parametrize(
    "cursor", ["x", "", "ä", "bnVsbA", "WyJhIiwiYiJd", "WyJcdTAwMDAiXQ", "WzFd", "W1tbW1tbW1tb" * 40]
)
def test_a_cursor_that_was_not_made_for_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        PageRequest(cursor, 10).after(UUID)


def test_a_number_no_column_holds_is_no_cursor() -> None:
    cursor = PageRequest(None, 1).page([1, 2], view=str, key=lambda _: (10**30,)).next
    with pytest.raises(InvalidInput):
        PageRequest(cursor, 1).after(int)
