"""What a file is by its content, for the few kinds that are taken.

A library that guesses the likeliest of hundreds of formats answers another question; here a file must prove to be of
the one kind it says, by the signature its standard demands, and a container by what it declares of itself. Nothing is
unpacked but two small members, bounded.
"""

import re
import struct
import zipfile
import zlib
from typing import BinaryIO, Final

from kfi_applications.domain.attachment import FileNotWhatItSays, Kind

_SIGNATURES: Final = {
    Kind.PDF: re.compile(rb"%PDF-[12]\.[0-9]"),  # ISO 32000-2, 7.5.2
    Kind.PNG: re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"),  # ISO/IEC 15948, 5.2 and 11.2.2
    Kind.JPEG: re.compile(rb"\xff\xd8\xff[\xc0-\xfe]"),  # ISO/IEC 10918-1, B.1
    Kind.TIFF: re.compile(rb"II\*\0|MM\0\*"),  # TIFF 6.0, section 2
}
_ENDS: Final = {
    Kind.PDF: re.compile(rb"%%EOF"),
    Kind.PNG: re.compile(rb"IEND\xae\x42\x60\x82"),
    Kind.JPEG: re.compile(rb"\xff\xd9"),
}
"""What must stand in the last bytes: without it the file was cut off."""
_MAIN_PARTS: Final = {
    Kind.DOCX: b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    Kind.XLSX: b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
"""ECMA-376, part 1, 11.3.10 and 12.3.23: the type a document's own list of contents gives its main part."""
_OPEN_DOCUMENTS: Final = {Kind.ODT, Kind.ODS}
_TAIL_BYTES: Final = 2048
_MEMBER_BYTES: Final = 262_144
_DIRECTORY_BYTES: Final = 1_048_576
_END_OF_DIRECTORY: Final = struct.Struct("<4s4H2LH")
_LARGE_DIRECTORY: Final = b"PK\x06\x07"
_ENCRYPTED: Final = 0x1
_PROGRAMS: Final = re.compile(r"(?i)(^|/)(vbaProject\.bin|Basic/.*|Scripts/.+)$")


def must_be(kind: Kind, file: BinaryIO) -> None:
    """Raises FileNotWhatItSays when the content is not of this kind, was cut off, is encrypted, or brings programs."""
    if kind in _SIGNATURES:
        _must_be_signed(kind, file)
        return
    try:
        _must_be_container(kind, file)
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, OSError, RuntimeError, KeyError):
        raise _not(kind) from None


def _not(kind: Kind) -> FileNotWhatItSays:
    return FileNotWhatItSays(
        f"The content is no whole file of the type {kind.endings[0].removeprefix('.').upper()}.",
        fix="Open the file, save it anew in the type you mean, and send that.",
    )


def _must_be_signed(kind: Kind, file: BinaryIO) -> None:
    file.seek(0)
    signed = _SIGNATURES[kind].match(file.read(64))
    end = _ENDS.get(kind)
    if signed is None or (end is not None and end.search(_tail(file, _TAIL_BYTES)) is None):
        raise _not(kind)


def _must_be_container(kind: Kind, file: BinaryIO) -> None:
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":  # a program with a container at its end is a program
        raise _not(kind)
    _refuse_large_directory(kind, file)
    with zipfile.ZipFile(file) as container:
        names = container.namelist()
        if any(info.flag_bits & _ENCRYPTED for info in container.infolist()):
            raise _not(kind)
        declared = _declared_by_itself(kind, container)
    if not declared:
        raise _not(kind)
    if any(_PROGRAMS.search(name) for name in names):
        raise FileNotWhatItSays("The document brings programs (macros).", fix="Save it without macros and send that.")


def _declared_by_itself(kind: Kind, container: zipfile.ZipFile) -> bool:
    """Whether the container says that it is of this kind (ECMA-376, part 2, 10.1.2; OpenDocument 1.3, part 2, 3.3)."""
    if kind in _OPEN_DOCUMENTS:
        first = container.infolist()[0]
        return first.filename == "mimetype" and _member(container, "mimetype") == kind.encode()
    return _MAIN_PARTS[kind] in _member(container, "[Content_Types].xml")


def _member(container: zipfile.ZipFile, name: str) -> bytes:
    with container.open(name) as member:
        return member.read(_MEMBER_BYTES)


def _refuse_large_directory(kind: Kind, file: BinaryIO) -> None:
    """A list of contents that would fill the memory when it is read is refused before it is read."""
    tail = _tail(file, 65_535 + 2 * _END_OF_DIRECTORY.size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or _LARGE_DIRECTORY in tail[max(0, at - 20) : at]:
        raise _not(kind)
    size = _END_OF_DIRECTORY.unpack_from(tail, at)[5]
    if size > _DIRECTORY_BYTES:
        raise _not(kind)


def _tail(file: BinaryIO, size: int) -> bytes:
    length = file.seek(0, 2)
    file.seek(max(0, length - size))
    return file.read(size)
