"""What is stated and what is shown, in one form for policies, towns and ledgers."""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kfi_allocation.domain.policy_document import CODE

PLANNER: Final = "allocation-planner"
SIGNATORY: Final = "allocation-signatory"
AUDITOR: Final = "auditor"

Code = Annotated[str, StringConstraints(pattern=f"^{CODE.pattern}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_:-]{0,79}$")]
"""A need of households, or what meets it: `specialist_medicine`, `language:uk`."""
OneLine = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
Persons = Annotated[int, Field(ge=1, le=100, strict=True)]
SomeDay = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class View(BaseModel):
    """Something that is shown."""

    model_config = ConfigDict(frozen=True)


class Stated(BaseModel):
    """Something that is stated; no fact is lost by a typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
