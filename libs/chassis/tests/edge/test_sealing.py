"""A seal opens for its holder and for its order, and for nobody and nothing else."""

import json
import traceback
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey

from kfi_chassis.sealing import (
    MAX_CONTENT_BYTES,
    ContentTooLarge,
    Opener,
    Sealer,
    SealingError,
    new_sealing_key,
    public_part,
)

KEY = new_sealing_key("2026-11")
SECRET = b"Erika Mustermann, Heidestrasse 17"
ORDER = "5d1f7a3e-0000-4000-8000-000000000001"


anything = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=10) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def seal(content: bytes = SECRET, key: dict[str, Any] = KEY, bound_to: str = ORDER) -> str:
    return Sealer(public_part(key)).seal(content, bound_to=bound_to)


def refusal(token: str, *keys: dict[str, Any], bound_to: str = ORDER) -> SealingError:
    with pytest.raises(SealingError) as refused:
        Opener(keys or [KEY]).open(token, bound_to=bound_to)
    return refused.value


@settings(max_examples=50)
@given(st.binary(max_size=5_000), st.text(min_size=1, max_size=60))
def test_what_was_sealed_is_what_is_opened(content: bytes, bound_to: str) -> None:
    bound_to = bound_to.encode("utf-8", "replace").decode()
    assert Opener([KEY]).open(seal(content, bound_to=bound_to), bound_to=bound_to) == content


def test_the_largest_content_allowed_still_opens() -> None:
    content = b"x" * MAX_CONTENT_BYTES
    assert Opener([KEY]).open(seal(content), bound_to=ORDER) == content


def test_larger_content_is_refused_when_ordering() -> None:
    with pytest.raises(ContentTooLarge):
        seal(b"x" * (MAX_CONTENT_BYTES + 1))


def test_a_seal_moved_to_another_order_does_not_open() -> None:
    assert refusal(seal(), bound_to="5d1f7a3e-0000-4000-8000-000000000002").code == "bound_elsewhere"


def test_a_binding_rewritten_in_the_header_does_not_open() -> None:
    other = seal(bound_to="other").split(".")[0]
    forged = ".".join([other, *seal().split(".")[1:]])
    assert refusal(forged, bound_to="other").code == "not_opened"


def test_an_older_key_opens_after_the_keys_were_changed() -> None:
    assert Opener([new_sealing_key("2027-01"), KEY]).open(seal(), bound_to=ORDER) == SECRET


def test_a_seal_for_a_key_nobody_here_holds_is_told_apart() -> None:
    assert refusal(seal(), new_sealing_key()).code == "unknown_key"


def test_another_key_under_the_same_id_opens_nothing() -> None:
    assert refusal(seal(), new_sealing_key("2026-11")).code == "not_opened"


@settings(max_examples=100)
@given(st.data())
def test_a_changed_character_never_opens(data: st.DataObject) -> None:
    token = seal()
    place = data.draw(st.integers(0, len(token) - 3))  # the last characters may hold unused bits of base64
    other = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda character: character != token[place]))
    code = refusal(token[:place] + other + token[place + 1 :]).code
    assert code in {"not_a_seal", "unknown_key", "bound_elsewhere", "not_opened"}


@given(st.text(max_size=200))
def test_what_is_no_seal_is_refused_with_a_code(token: str) -> None:
    assert refusal(token).code == "not_a_seal"


@settings(max_examples=150, deadline=None)
@example({"apv": "\ud800"}, ["", "", "", ""])
@example({"kid": "\ud800"}, ["", "", "", ""])
@given(
    st.dictionaries(st.sampled_from(["kid", "apv", "alg", "enc", "epk", "zip", "crit", "typ"]), anything),
    st.lists(st.text(max_size=20) | st.binary(max_size=20).map(encoded), min_size=3, max_size=5),
)
def test_whatever_a_header_says_the_refusal_is_a_code(changes: dict[str, Any], rest: list[str]) -> None:
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": "2026-11", "apv": encoded(ORDER.encode())} | changes
    code = refusal(".".join([encoded(json.dumps(header).encode()), *rest])).code
    assert code in {"not_a_seal", "unknown_key", "bound_elsewhere", "not_opened"}


def test_other_algorithms_and_compression_are_no_seals() -> None:
    key = ECKey.import_key(KEY)
    for header in ({"alg": "ECDH-ES", "enc": "A256GCM"}, {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "zip": "DEF"}):
        registry = jwe.JWERegistry(algorithms=["ECDH-ES", "ECDH-ES+A256KW", "A256GCM", "DEF"])
        token = jwe.encrypt_compact({**header, "kid": "2026-11"}, SECRET, key, registry=registry)
        assert refusal(token).code == "not_a_seal"


def test_an_error_carries_nothing_of_the_content_or_the_seal() -> None:
    token = seal()
    error = refusal(token[:-8] + "AAAAAAAA")
    told = "".join(traceback.format_exception(error))
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert "Mustermann" not in told
    assert token[:40] not in told


def test_a_public_key_cannot_open_and_a_foreign_curve_cannot_seal() -> None:
    with pytest.raises(SealingError, match="key_is_not_private"):
        Opener([public_part(KEY)])
    with pytest.raises(SealingError, match="key_is_not_p256"):
        Sealer(ECKey.generate_key("P-384").as_dict(private=False))


def test_the_public_part_holds_no_private_number() -> None:
    assert "d" not in public_part(KEY)
