"""A person's key encrypts what only its own place gives back; the ring outside the database wraps and forgets it."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text

from kfi_chassis.privacy import keys
from kfi_chassis.privacy.key_file import KeyFile, KeyFileUnusable
from kfi_chassis.privacy.keys import (
    ERASED,
    UNWRAPPED_MOST,
    UNWRAPPED_SECONDS,
    ErasedPerson,
    KeyRing,
    NotDecrypted,
    WrappedKey,
    WrappingKeyUnknown,
)
from kfi_chassis.transient import is_outage

METADATA = MetaData()
NOTE = Table("note", METADATA, Column("text", LargeBinary), Column("other", LargeBinary), Column("open", Text))
LETTER = Table("letter", METADATA, Column("text", LargeBinary))
PERSON = UUID(int=1)


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    KeyFile.with_a_new_key(tmp_path / "person-keys.json")
    return tmp_path / "person-keys.json"


@pytest.fixture
def ring(path: Path) -> KeyRing:
    return KeyRing(path)


@given(text=st.text())
def test_what_was_encrypted_is_read_again(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "one-for-all.json"
    ring = KeyRing(path if path.exists() else (KeyFile.with_a_new_key(path), path)[1])
    key, stored = ring.new_key(PERSON)
    sealed = key.encrypt(NOTE.c.text, 7, text.encode("utf-8", "replace"))
    assert ring.open(PERSON, stored).decrypt(NOTE.c.text, 7, sealed) == text.encode("utf-8", "replace")


def test_a_ciphertext_opens_in_its_own_table_column_and_row_only(ring: KeyRing) -> None:
    key, _ = ring.new_key(PERSON)
    sealed = key.encrypt(NOTE.c.text, 7, "Frau Beispiel")
    for column, row in ((LETTER.c.text, 7), (NOTE.c.other, 7), (NOTE.c.text, 8)):
        with pytest.raises(NotDecrypted):
            key.text(column, row, sealed)
    assert key.text(NOTE.c.text, 7, sealed) == "Frau Beispiel"


def test_a_changed_ciphertext_does_not_open(ring: KeyRing) -> None:
    key, _ = ring.new_key(PERSON)
    sealed = bytearray(key.encrypt(NOTE.c.text, 7, "x"))
    for place in range(len(sealed)):
        changed = bytes(sealed[:place]) + bytes([sealed[place] ^ 1]) + bytes(sealed[place + 1 :])
        with pytest.raises(NotDecrypted):
            key.text(NOTE.c.text, 7, changed)
    with pytest.raises(NotDecrypted):
        key.text(NOTE.c.text, 7, b"")


def test_the_same_text_is_never_stored_alike_and_another_persons_key_does_not_open_it(ring: KeyRing) -> None:
    key, _ = ring.new_key(PERSON)
    other, _ = ring.new_key(uuid4())
    first, second = (key.encrypt(NOTE.c.text, 7, "x") for _ in range(2))
    assert first != second
    with pytest.raises(NotDecrypted):
        other.text(NOTE.c.text, 7, first)


def test_a_wrapped_key_is_of_one_person_alone(ring: KeyRing) -> None:
    _, stored = ring.new_key(PERSON)
    with pytest.raises(NotDecrypted):
        ring.open(uuid4(), stored)


def test_of_an_erased_person_a_text_reads_as_erased_and_a_file_as_nothing() -> None:
    assert ErasedPerson().text(NOTE.c.text, 7, b"anything") == ERASED
    assert ErasedPerson().decrypt(NOTE.c.text, 7, b"anything") is None


def test_after_a_rotation_new_keys_are_wrapped_anew_old_ones_open_and_rewrapping_touches_no_data(path: Path) -> None:
    key, old = KeyRing(path).new_key(PERSON)
    sealed = key.encrypt(NOTE.c.text, 7, "x")
    KeyFile.with_a_new_key(path)
    rotated = KeyRing(path)
    assert rotated.open(PERSON, old).text(NOTE.c.text, 7, sealed) == "x"
    new = rotated.rewrap(PERSON, old)
    assert new.kid == rotated.current != old.kid
    KeyFile.read(path).without(old.kid).write(path)
    alone = KeyRing(path)
    assert alone.open(PERSON, new).text(NOTE.c.text, 7, sealed) == "x"
    with pytest.raises(WrappingKeyUnknown):
        alone.open(PERSON, old)


def test_a_process_meets_a_key_of_a_newer_file_and_reads_it_again(path: Path) -> None:
    clock = Seconds()
    running = KeyRing(path, clock=clock)
    KeyFile.with_a_new_key(path)
    _, stored = KeyRing(path).new_key(PERSON)
    with pytest.raises(WrappingKeyUnknown) as unknown:
        running.open(PERSON, stored)
    assert is_outage(unknown.value)
    clock.now += 6
    running.open(PERSON, stored)


def test_unwrapped_keys_are_kept_for_a_minute_and_no_more_than_the_most(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, unwrapped = Seconds(), []
    ring = KeyRing(path, clock=clock)
    unwrap: Callable[..., bytes] = ring._unwrap
    monkeypatch.setattr(ring, "_unwrap", lambda *given: unwrapped.append(given) or unwrap(*given))
    _, stored = ring.new_key(PERSON)
    ring.open(PERSON, stored)
    ring.open(PERSON, stored)
    assert len(unwrapped) == 1
    clock.now += UNWRAPPED_SECONDS
    ring.open(PERSON, stored)
    assert len(unwrapped) == 2
    monkeypatch.setattr(keys, "UNWRAPPED_MOST", 3)
    for person in map(UUID, (f"{number:032x}" for number in range(10))):
        ring.open(person, ring.new_key(person)[1])
        assert len(ring._unwrapped) <= 3 < UNWRAPPED_MOST


def test_the_file_is_the_owners_alone_and_holds_no_key_twice(path: Path) -> None:
    KeyFile.with_a_new_key(path)
    read = KeyFile.read(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len({*read.wrapping.values(), read.index}) == 3
    assert read.index not in repr(read).encode()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"current": "x", "keys": [], "index": {"kty": "oct", "k": "AA"}}']
)
def test_what_is_no_key_file_is_told_with_a_remedy(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(KeyFileUnusable, match="privacy new-key"):
        KeyFile.read(path)


def test_the_current_key_cannot_be_taken_out(path: Path) -> None:
    read = KeyFile.read(path)
    with pytest.raises(KeyFileUnusable):
        read.without(read.current)


def test_a_wrapped_key_tells_nothing_of_the_key(ring: KeyRing) -> None:
    secrets = {ring.new_key(PERSON)[1].wrapped for _ in range(3)}
    assert len(secrets) == 3
    assert all(isinstance(one, bytes) and len(one) == 1 + 12 + 32 + 16 for one in secrets)
    assert WrappedKey("k", b"x") == WrappedKey("k", b"x")
