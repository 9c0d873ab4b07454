"""A file is what it says, by its own content; what only claims to be is refused, and nothing is unpacked to tell."""

import io
import struct
import zipfile
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_applications.domain.attachment import FileNotWhatItSays, Kind
from kfi_applications.files.content import must_be


def is_a(kind: Kind, content: bytes) -> bool:
    try:
        must_be(kind, io.BytesIO(content))
    except FileNotWhatItSays:
        return False
    return True


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_known_by_its_content_and_taken_for_no_other(kind: Kind, files: dict[Kind, bytes]) -> None:
    assert {other for other in Kind if is_a(other, files[kind])} == {kind}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TIFF])
def test_half_a_file_is_refused(kind: Kind, files: dict[Kind, bytes]) -> None:
    assert not is_a(kind, files[kind][: len(files[kind]) // 2])


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("before", [b"<html>", b"MZ", b" "])
def test_what_stands_before_the_signature_makes_it_another_file(
    kind: Kind, before: bytes, files: dict[Kind, bytes]
) -> None:
    assert not is_a(kind, before + files[kind])


@given(content=st.binary(max_size=200), kind=st.sampled_from(list(Kind)))
def test_no_content_breaks_it(content: bytes, kind: Kind) -> None:
    is_a(kind, content)


@given(seed=st.integers(), kind=st.sampled_from([Kind.DOCX, Kind.ODT]))
def test_no_damaged_container_breaks_it(seed: int, kind: Kind, files: dict[Kind, bytes]) -> None:
    chance, content = Random(seed), bytearray(files[kind])  # noqa: S311 - no secret
    for _ in range(chance.randrange(1, 6)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    is_a(kind, bytes(content))


def test_documents_that_bring_programs_are_refused(files: dict[Kind, bytes]) -> None:
    for kind, program in ((Kind.DOCX, "word/vbaProject.bin"), (Kind.ODT, "Basic/Standard/Module1.xml")):
        written = io.BytesIO(files[kind])
        with zipfile.ZipFile(written, "a") as container:
            container.writestr(program, "Sub AutoOpen()")
        with pytest.raises(FileNotWhatItSays, match="programs"):
            must_be(kind, written)


def test_an_encrypted_container_is_refused(files: dict[Kind, bytes]) -> None:
    content = bytearray(files[Kind.DOCX])
    content[content.find(b"PK\x01\x02") + 8] |= 1
    assert not is_a(Kind.DOCX, bytes(content))


def test_a_container_with_a_huge_list_of_contents_is_refused_before_it_is_read(
    files: dict[Kind, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> None:
        raise AssertionError("the list of contents is read")

    monkeypatch.setattr(zipfile, "ZipFile", read)
    content = bytearray(files[Kind.DOCX])
    struct.pack_into("<L", content, content.rfind(b"PK\x05\x06") + 12, 2**31)
    assert not is_a(Kind.DOCX, bytes(content))
