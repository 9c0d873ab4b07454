"""Unmistakable names, and the search for them in whatever form a place may hold them."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]
from tests.harness.cases import application

ATTENTION: Final = "Zwyrthild Qoxamander"
EMAIL: Final = "zwyrthild@jubbelwick.example"
FILE_NAME: Final = "Ausweis-Kwizzelbart.pdf"
IN_THE_FILE: Final = "Grobnixtal"
BANK_ACCOUNT: Final = {"iban": "DE07123412341234123412", "owner": "Verein Xquorthbolm e.V."}
NOTE: Final = "Rückruf von Herrn Blorvanek, er fragt nach dem Stand."
QUESTION: Final = "Bitte legen Sie die Zusage von Frau Fizzowandt vor."
ANSWER: Final = "Die Zusage von Herrn Sproggelund liegt bei."
REASON: Final = "Frau Drumpfelia hat das Vorhaben erläutert."
NAMES: Final = (
    "xquorthbolm", "zwyrthild", "qoxamander", "vraxholtz", "qumbelfurt", "jubbelwick", "yzztrandom", "wexlibrund",
    "drumpfelia", "kwizzelbart", "grobnixtal", "de07123412341234123412",
    "blorvanek", "fizzowandt", "sproggelund",
)  # fmt: skip
"""What must lie nowhere in the open: each stands in one of the texts below, in lower case."""
MEMBER: Final = {"Name": "Trolvexhagen", "Vorname": "Ywendolina", "Geburtsdatum": "17.04.1961"}
CHILD: Final = {"Name": "Trolvexhagen", "Vorname": "Qirafosz", "Geburtsdatum": "21.08.2016"}
LIVES: Final = {"Straße": "Blunkwitzpfad", "E-Mail": "ywendolina@vromptal.example"}
OBJECTION: Final = "Für Familie Trolvexhagen fehlt bei uns Herr Gnurbelstein, der Dialysearzt."
RULING: Final = "Frau Pflaxonia hat einen Platz gefunden."
HEARD: Final = "Unser Onkel Dschworbel lebt in Münster."
REPLY: Final = "Der Nähe zu Onkel Dschworbel wird entsprochen."
NAMES_OF_HOUSEHOLDS: Final = (
    "trolvexhagen", "ywendolina", "qirafosz", "blunkwitzpfad", "vromptal", "gnurbelstein", "pflaxonia", "dschworbel",
)  # fmt: skip
"""The same for a household that is announced, heard and decided."""
_ENCODED: Final = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(rb"(?:[0-9a-f]{2}){8,}")
_OF_URLS: Final = bytes.maketrans(b"-_", b"+/")
_PDF: Final = b"%PDF-"
_DEEPEST: Final = 2


def planted_application() -> dict[str, Any]:
    """An application with a name wherever people write one."""
    body = application(
        "Projekt Yzztrandom",
        applicant__name="Verein Xquorthbolm e.V.",
        addressee__attention=ATTENTION,
        addressee__street="Vraxholtzgasse",
        addressee__city="Qumbelfurt",
        addressee__email=EMAIL,
    )
    body["finance_plan"]["costs"][0]["label"] = "Honorar Wexlibrund, IBAN DE07123412341234123412"
    return body


def found_in(value: object) -> set[str]:
    """The planted names in a value: as they stand, in a document's text, in base64 or in hexadecimal."""
    read = [form.lower() for form in _forms(_bytes_of(value), _DEEPEST)]
    return {name for name in (*NAMES, *NAMES_OF_HOUSEHOLDS) if any(name.encode() in form for form in read)}


def named(places: Iterable[tuple[str, object]]) -> Mapping[str, set[str]]:
    """The places that name somebody, and whom."""
    found: dict[str, set[str]] = {}
    for place, value in places:
        if names := found_in(value):
            found.setdefault(place, set()).update(names)
    return found


def _bytes_of(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "replace")


def _forms(content: bytes, depth: int) -> Iterator[bytes]:
    yield content
    with suppress(UnicodeDecodeError):
        yield content.decode("utf-16-le").encode("utf-8", "replace") if len(content) % 2 == 0 else b""
    with suppress(pypdfium2.PdfiumError):
        if _PDF in content:
            pages = pypdfium2.PdfDocument(content)
            yield " ".join(page.get_textpage().get_text_range() for page in pages).encode("utf-8", "replace")
    if depth:
        for inner in _decoded(content):
            yield from _forms(inner, depth - 1)


def _decoded(content: bytes) -> Iterator[bytes]:
    for written in _ENCODED.findall(content):
        with suppress(binascii.Error, ValueError):
            plain = written.rstrip(b"=").translate(_OF_URLS)
            yield base64.b64decode(plain + b"=" * (-len(plain) % 4))
    for written in _HEX.findall(content.lower()):
        yield bytes.fromhex(written.decode())
