"""To whom a letter or an e-mail goes: an organisation, a family, or a mailbox alone."""

from collections.abc import Container, Mapping
from typing import Annotated

from pydantic import BaseModel, Discriminator, StringConstraints, Tag

from kfi_contracts.sealed_part import Line, SealedPart

Postcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$", max_length=254)]
Residence = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]


class Addressee(SealedPart):
    """An organisation: to whom the letter goes and where."""

    organisation: Line
    attention: Line | None = None
    street: Line
    house_number: Line
    postcode: Postcode
    city: Line
    ags: Residence
    """Official municipality key of the seat, which decides on the court."""
    email: EmailAddress


class FamilyAddressee(SealedPart):
    """A family or a person, reached by post; nothing of theirs is asked for that a letter does not need."""

    name: Line
    """As it stands in the address window, such as "Amina Beispiel und Familie"."""
    care_of: Line | None = None
    """With whom they stay, such as a reception centre."""
    street: Line
    house_number: Line
    postcode: Postcode
    city: Line
    ags: Residence | None
    """Official municipality key of the residence, which decides on the court; none: it lies outside of the state."""


class MailAddressee(SealedPart):
    """Somebody who is only reached by e-mail, such as the office of a town."""

    email: EmailAddress


def _kind_of(value: object) -> str:
    """Which kind a value means to be, by the field that only this kind has; so that a fault is told of one kind."""
    fields: Container[str] = ()
    if isinstance(value, Mapping):
        fields = value
    elif isinstance(value, BaseModel):
        fields = type(value).model_fields
    if "name" in fields:
        return "FamilyAddressee"
    return "Addressee" if "street" in fields else "MailAddressee"


AnyAddressee = Annotated[
    Annotated[Addressee, Tag("Addressee")]
    | Annotated[FamilyAddressee, Tag("FamilyAddressee")]
    | Annotated[MailAddressee, Tag("MailAddressee")],
    Discriminator(_kind_of),
]
"""Told apart by their fields: no document is two of them, because none takes a field of another."""
