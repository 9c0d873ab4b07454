"""Short texts with a fixed form: codes, file numbers, municipality keys, digests, language tags, sealed texts."""

from typing import Annotated, Final

from pydantic import StringConstraints

from kfi_contracts.classification import Sealed

SEALED_TEXT_LIMIT: Final = 65_536

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=100)]
"""A name from a catalogue, such as a programme, a call or a template; never free text."""

FileNumber = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=64)]
"""The Aktenzeichen, one line."""

OrganisationId = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)]
"""The id of an organisation as its access tokens name it, one line; an id and never the name of a person."""

Ags = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
"""Official municipality key (Amtlicher Gemeindeschlüssel), eight digits, a text because some begin with 0."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
"""A language tag (RFC 5646), ``de`` or ``de-DE``."""

SealedText = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){3}\.[A-Za-z0-9_-]+$", max_length=SEALED_TEXT_LIMIT),
    Sealed("JWE in compact serialisation (RFC 7516), readable by the notifications service only"),
]
"""An encrypted text; a plain one does not have this form and is refused."""
