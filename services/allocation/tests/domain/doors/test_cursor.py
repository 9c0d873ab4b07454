"""A cursor holds a place of one town's feed and fits no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.doors.cursor import Cursor, NotACursor


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_a_cursor_comes_back_as_it_went(generation: int, position: int) -> None:
    cursor = Cursor("05515000", generation, position)
    assert Cursor.read(str(cursor), ags="05515000") == cursor
    with pytest.raises(NotACursor):
        Cursor.read(str(cursor), ags="05913000")


@given(st.text(max_size=60) | st.sampled_from(["W10", "WzEsMiwzXQ", "bnVsbA", "WyIwNTUxNTAwMCIsdHJ1ZSwxXQ"]))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(NotACursor):
        Cursor.read(text, ags="05515000")
