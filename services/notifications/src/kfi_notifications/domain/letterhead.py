"""Who writes: the authority's name, address and contact data, as configured and never as part of an order."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(min_length=1, max_length=120)]


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
    portal_url: Line
    """Where the addressee reads what an e-mail only points at."""
    footer: Annotated[tuple[tuple[Line, ...], ...], Field(min_length=3, max_length=3)]
    """Three columns of lines at the foot of each page."""
