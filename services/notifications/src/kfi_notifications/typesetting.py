"""Letters as PDF: typst templates with versions, PDF/A-2a and PDF/UA-1 in one file, the same bytes at each rendering.

Only the fonts of this package are used and any warning of the typesetter is a failure: a letter with a glyph missing or
a font replaced never leaves the house. Errors carry a code and nothing of the letter.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Final

import typst

PACKAGE: Final = Path(__file__).parent
TEMPLATES: Final = PACKAGE / "templates"
FONTS: Final = PACKAGE / "fonts"
LANGUAGES: Final = frozenset({"de"})
WHOLE: Final = TEMPLATES / "layout" / "2" / "whole.typ"
"""Sets a letter with what is added to it: a summary, the mark of a draft."""
_SHOWS_NOTHING: Final = "\ufeff"  # comes with pasted text; PDF/A forbids it (ISO 19005-2, 6.2.11.7.2)
_NOON: Final = time(12, tzinfo=UTC)  # the file's timestamp hangs on the letter's day alone, so that bytes repeat


class TemplateUnknown(Exception):
    """There is no template of this name and version."""


class LanguageUnknown(Exception):
    """The templates are not written in this language."""


class TypesettingFailed(Exception):
    """The letter could not be set; `code` says why: `missing_glyph`, `address_too_long`, `warning`, `template`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Document:
    """A finished file as it leaves the house."""

    content: bytes
    pages: int

    @property
    def sha256(self) -> str:
        """The digest by which the very version is known, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


async def typeset(
    template: str, version: int, letter: Mapping[str, object], *, language: str, dated_on: date
) -> Document:
    """Set a letter; the same arguments give the same bytes. Works in a thread, the event loop goes on.

    Raises TemplateUnknown, LanguageUnknown, TypesettingFailed.
    """
    if language not in LANGUAGES:
        raise LanguageUnknown
    source = template_files().get((template, version))
    if source is None:
        raise TemplateUnknown
    return await asyncio.to_thread(typeset_now, source, letter, datetime.combine(dated_on, _NOON))


@cache
def template_files() -> Mapping[tuple[str, int], Path]:
    """All letter templates by name and version. Orders name them; no path is ever made from an order's text."""
    return {(path.parent.parent.name, int(path.parent.name)): path for path in TEMPLATES.glob("*/[0-9]*/letter.typ")}


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def typeset_now(source: Path, letter: Mapping[str, object], timestamp: datetime) -> Document:
    """The same in the thread of the caller, as of a moment. Raises TypesettingFailed."""
    inputs = {"letter": json.dumps(letter, ensure_ascii=False).replace(_SHOWS_NOTHING, "")}
    if "draft" in letter:
        inputs["template"], source = f"/{source.relative_to(TEMPLATES).as_posix()}", WHOLE
    compiler = typst.Compiler(source, root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=timestamp
        )
        pages = int(compiler.query("<page-count>", field="value", one=True))
    except RuntimeError as failure:
        raise TypesettingFailed(_code_of(str(failure))) from None
    if warnings or not isinstance(pdf, bytes):
        raise TypesettingFailed("warning")
    return Document(pdf, pages)


def _code_of(message: str) -> str:
    if "could not be displayed" in message or "disallowed codepoint" in message:
        return "missing_glyph"
    return "address_too_long" if "does not fit its window" in message else "template"
