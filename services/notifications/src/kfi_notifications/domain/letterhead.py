"""Who writes: the authority's name, address and contact data, as configured and never as part of an order."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kfi_contracts.letters import FAMILY_KINDS

Line = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Office(BaseModel):
    """Who can be asked about letters of one kind of work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    office: Line
    telephone: Line
    email: Line


class Letterhead(BaseModel):
    """The sender as printed on every letter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fictitious: bool
    """Invented data for a demonstration; printed so, and refused by a production profile."""
    authority: Line
    unit: Line
    department: Line
    return_address: Line
    """One line in the address window, so that the post can bring the letter back."""
    office: Line
    telephone: Line
    email: Line
    allocation: Office | None = None
    """Who can be asked about the town of a household; the office of all letters where nobody else is named."""
    portal_url: Line
    """Where the addressee reads what an e-mail only points at."""
    towns_url: Line | None = None
    """Where the software of a town fetches what waits for it, behind the gateway."""
    footer: Annotated[tuple[tuple[Line, ...], ...], Field(min_length=3, max_length=3)]
    """Three columns of lines at the foot of each page."""

    def asked_about(self, kind: str) -> Office:
        """Who can be asked about a letter of this kind."""
        if kind in FAMILY_KINDS and self.allocation is not None:
            return self.allocation
        return Office(office=self.office, telephone=self.telephone, email=self.email)
