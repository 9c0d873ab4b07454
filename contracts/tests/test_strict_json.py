from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_contracts.strict_json import NotJson, read_json, write_canonical, write_json

texts = st.text(st.characters(codec="utf-8"))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=15)


@given(values)
def test_what_is_written_is_read_back_equal(value: Any) -> None:
    assert read_json(write_json(value)) == value


@given(st.dictionaries(texts, scalars | st.dictionaries(texts, scalars, max_size=3), max_size=5))
def test_the_order_of_keys_does_not_matter_to_the_canonical_form(value: dict[str, Any]) -> None:
    assert write_canonical(dict(reversed(value.items()))) == write_canonical(value)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"NaN",
        b"[-Infinity]",
        b"1e400",
        b'"\\ud800"',
        b"\xff",
        b"\xef\xbb\xbf1",
        b"[" * 100_000,
        b"9" * 5_000,
        b"{a:1}",
    ],
)
def test_what_readers_would_understand_differently_is_refused(document: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(document)


@given(st.binary())
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    with suppress(NotJson):
        write_json(read_json(document))
