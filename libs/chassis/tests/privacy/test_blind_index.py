"""A term finds itself whatever its case, accents and spaces; without the secret a token says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_chassis.privacy.blind_index import BlindIndex, normalised, words

INDEX = BlindIndex(b"1" * 32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MÜLLER"),
        ("Müller", "Mu\u0308ller"),
        ("Y\N{LATIN SMALL LETTER DOTLESS I}lmaz", "YILMAZ"),
        ("Groß-Gerau", "gross gerau"),
        ("  Verein  Beispiel e.V. ", "verein beispiel E. V"),
        ("Łukasz", "lukasz"),
        ("Марія", "МАРІЯ"),
    ],
)
def test_a_term_is_found_however_it_is_written(one: str, other: str) -> None:
    assert INDEX.token("name", one) == INDEX.token("name", other)


def test_a_token_is_of_one_purpose_and_one_secret() -> None:
    tokens = {INDEX.token("name", "x"), INDEX.token("e-mail", "x"), BlindIndex(b"2" * 32).token("name", "x")}
    assert len(tokens) == 3


def test_parts_are_kept_apart() -> None:
    assert INDEX.token("case", "ab", "c") != INDEX.token("case", "a", "bc")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text())
def test_every_word_of_a_text_is_found(text: str) -> None:
    assert INDEX.tokens("name", text) == {INDEX.token("name", word) for word in words(text)}
