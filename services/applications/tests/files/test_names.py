"""How a sender calls its file: kept as it is written, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_applications.domain.attachment import FileNotWhatItSays, FileTypeNotTaken, Kind, kind_of
from kfi_applications.files.receiving import name_in


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="Satzung.pdf"', "Satzung.pdf"),
        ("attachment; filename*=UTF-8''Vereinsregisterauszug%20M%C3%BCller.pdf", "Vereinsregisterauszug Müller.pdf"),
        ("Attachment;filename=\"x.pdf\"; filename*=utf-8''Mu%CC%88ller.pdf", "Müller.pdf"),
        ("attachment; filename*=UTF-8''%E2%80%AEfdp.exe.pdf", None),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", None),
        ("attachment; filename*=UTF-8''a%00.pdf", None),
        ("attachment; filename*=UTF-8''a%0D%0AX-Evil%3A1.pdf", None),
        ("attachment; filename*=UTF-8''%FF.pdf", None),
        ("attachment; filename*=ISO-8859-1''%FC.pdf", None),
        ('attachment; filename=".htaccess"', None),
        ('attachment; filename="C:\\\\x.pdf"', None),
        ('attachment; filename="ü.pdf"', None),
        (f'attachment; filename="{"a" * 147}.pdf"', None),
        ("attachment", None),
        ("", None),
    ],
)
def test_names(disposition: str, name: str | None) -> None:
    assert name_in(disposition) == name


@given(st.text(max_size=80))
def test_no_header_breaks_it(text: str) -> None:
    name_in(text)
    name_in(f'attachment; filename="{text}"')
    name_in(f"attachment; filename*=UTF-8''{text}")


def test_type_and_ending_belong_together() -> None:
    assert kind_of("image/jpeg; charset=binary", "Foto.JPEG") is Kind.JPEG
    with pytest.raises(FileNotWhatItSays, match="ending"):
        kind_of("application/pdf", "Satzung.exe")
    with pytest.raises(FileTypeNotTaken):
        kind_of("application/x-msdownload", "Satzung.exe")
