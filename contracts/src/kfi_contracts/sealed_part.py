"""What every value inside a sealed order shares: it is personal, and its texts have a form."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from kfi_contracts.classification import Classification
from kfi_contracts.event import Published

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=400)]
"""One line of text."""

Sentences = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
"""A paragraph of whole sentences."""


class SealedPart(Published):
    """A value that exists only inside what is sealed; its fields are personal unless marked otherwise."""

    default_classification: ClassVar[Classification] = Classification.PERSONAL
