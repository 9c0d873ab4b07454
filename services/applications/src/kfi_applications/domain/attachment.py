"""An attachment of a case (Anlage): what it is called, what it may be, and when it may be removed."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final
from uuid import UUID

from kfi_applications.domain.errors import RuleBroken, WrongState

LONGEST_NAME: Final = 150
_NOT_IN_A_NAME: Final = re.compile(r'[/\\:*?"<>|]')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories of what nobody sees, as the mark that turns `gnp.exe` around; and of what stands for nothing."""


class Kind(StrEnum):
    """The kinds of files that are taken, by their media types."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ODT = "application/vnd.oasis.opendocument.text"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"

    @property
    def endings(self) -> tuple[str, ...]:
        """How the names of such files end; the first is the usual one."""
        return _ENDINGS.get(self, (f".{self.name.lower()}",))


_ENDINGS: Final = {Kind.JPEG: (".jpg", ".jpeg"), Kind.TIFF: (".tif", ".tiff")}


class Source(StrEnum):
    """Whose file it is: the applicant sees its own, what the authority adds is internal."""

    APPLICANT = "applicant"
    AUTHORITY = "authority"


class Scan(StrEnum):
    """What is known of harmful content."""

    CLEAN = "clean"
    UNSCANNED = "unscanned"


class RemovalReason(StrEnum):
    """Why an attachment is removed."""

    BY_MISTAKE = "by-mistake"
    ANOTHER_CASE = "another-case"
    REPLACED = "replaced"
    NOT_NEEDED = "not-needed"


class UnknownAttachment(LookupError):
    """There is no such attachment, or none this reader may know of."""


class FileTypeNotTaken(RuleBroken):
    """The file is of no type that is taken as an attachment."""

    code = "file-type-not-taken"
    title = "Files of this type are not taken"


class FileNotWhatItSays(RuleBroken):
    """The file's name, its declared type and its content are not of one kind, or it is damaged."""

    code = "file-not-what-it-says"
    title = "The file is not what it says"


class FileInfected(RuleBroken):
    """The scanner found harmful content in the file; nothing was stored."""

    code = "file-infected"
    title = "The file has harmful content"


class TooManyAttachments(RuleBroken):
    """The case has as many attachments as one may have."""

    code = "too-many-attachments"
    title = "The case has too many attachments"


@dataclass(frozen=True)
class ReceivedFile:
    """What is known of a file that came in whole and was found to be what it says; its length in bytes."""

    name: str
    kind: Kind
    size: int
    sha256: str
    scan: Scan


@dataclass(frozen=True)
class Attachment:
    """A file of a case; ``number`` counts those of the case from 1, removed ones too. ``version`` is its ETag."""

    id: UUID
    application_id: UUID
    number: int
    name: str
    kind: Kind
    size: int
    sha256: str
    scan: Scan
    source: Source
    added_on: date
    version: int = 1
    removed_on: date | None = None
    removal_reason: RemovalReason | None = None

    def removed(self, reason: RemovalReason, on: date, *, decided: bool) -> "Attachment":
        """The attachment without its content. Raises WrongState after the decision, which may rest on it."""
        if self.removed_on is not None:
            raise WrongState("The attachment was removed already.", fix="Read the list of attachments again.")
        if decided:
            raise WrongState("The case is decided; what it was decided on stays.", fix="Add a further attachment.")
        return replace(self, version=self.version + 1, removed_on=on, removal_reason=reason)


def kind_of(media_type: str, name: str) -> Kind:
    """The kind a file says it is, by its declared type and its name. Raises FileTypeNotTaken, FileNotWhatItSays."""
    declared = media_type.partition(";")[0].strip().lower()
    if declared not in set(Kind):
        taken = ", ".join(kind.endings[0].removeprefix(".").upper() for kind in Kind)
        raise FileTypeNotTaken("The declared type is none of those taken.", fix=f"Send one of {taken}.")
    kind = Kind(declared)
    if PurePosixPath(name).suffix.lower() not in kind.endings:
        raise FileNotWhatItSays(
            "The ending of the file's name belongs to another type than the declared one.",
            fix=f"Send it with a name that ends in {' or '.join(kind.endings)}, or with its true Content-Type.",
        )
    return kind


def is_usable_name(name: str) -> bool:
    """Whether a name can be kept and shown everywhere: no path, nothing unseen, not hidden, not too long."""
    return (
        0 < len(name) <= LONGEST_NAME
        and _NOT_IN_A_NAME.search(name) is None
        and not any(unicodedata.category(character) in _UNSEEN for character in name)
        and not name.startswith((".", " "))
        and not name.endswith((".", " "))
    )
