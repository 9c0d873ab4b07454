"""One value has one canonical text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_chassis.canonical import NotCanonical, canonical_json, digest

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@given(VALUES)
def test_the_canonical_text_reads_back_as_the_value(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(TEXTS, SCALARS))
def test_the_order_of_members_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert digest(canonical_json(turned)) == digest(canonical_json(value))


def test_members_are_sorted_as_rfc_8785_sorts_them() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}  # RFC 8785, 3.2.3
    in_order = ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(value))) == in_order


def test_text_is_utf_8_without_space_and_with_the_least_escapes() -> None:
    assert (
        canonical_json({"b": ["ä", True, None], "a": "\n\u001f"}) == '{"a":"\\n\\u001f","b":["ä",true,null]}'.encode()
    )


@pytest.mark.parametrize("value", [1.5, {"a": [2.0]}, 2**53, b"bytes", {1: "x"}, "\ud800", {"\udfff": 1}, object()])
def test_what_two_machines_may_read_differently_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_a_value_nested_without_end_is_refused() -> None:
    nested: list[Any] = []
    nested.append(nested)
    with pytest.raises(NotCanonical):
        canonical_json(nested)
