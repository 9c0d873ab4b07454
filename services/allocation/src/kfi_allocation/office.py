"""What the office itself adds to its letters, kept in a file: what the law leaves open, and where towns are told.

Nothing here has a default that says something: what is not configured is not in a letter.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kfi_chassis.settings import ConfigurationError, Profile
from kfi_contracts.addressees import EmailAddress, Postcode
from kfi_contracts.codes import Ags

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Stay(BaseModel):
    """Where a household is reached that has no address of its own yet, such as a reception centre."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    care_of: Line
    street: Line
    house_number: Line
    postcode: Postcode
    city: Line
    ags: Ags | None = None
    """Official key of the municipality, where it lies in North Rhine-Westphalia; it decides on the court."""


class OfficeTexts(BaseModel):
    """The words of the office. All of them are signed with the letter they stand in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fictitious: bool = False
    """Invented for a demonstration; refused by a production profile."""
    stay: Stay | None = None
    hearing_notices: tuple[Sentence, ...] = ()
    decision_notices: tuple[Sentence, ...] = ()
    """What a decision says beside the law that is certain, such as how long it binds."""
    agreement_notices: tuple[Sentence, ...] = ()
    further_legal_basis: tuple[Line, ...] = ()
    """Of a decision, beside § 16 (1) TIntG: which provisions of the AufenthG carry it is not settled."""
    effect_of_action: Sentence | None = None
    """Whether an action has suspensive effect, in the words of the office."""
    town_mailboxes: Mapping[Ags, EmailAddress] = Field(default_factory=dict)
    """Where a town is told that something waits behind the gateway."""


@cache
def read_office(path: Path | None, profile: Profile) -> OfficeTexts:
    """Read the file, once per process; nothing is configured where there is none. Raises ConfigurationError."""
    if path is None:
        return OfficeTexts()
    try:
        texts = OfficeTexts.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as failure:
        raise ConfigurationError(f"{path} cannot be read ({failure.strerror}): put the file there.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as failure:
        raise ConfigurationError(f"{path} is no TOML file ({failure}): correct it.") from None
    except ValidationError as failure:
        fields = ", ".join(".".join(str(part) for part in error["loc"]) for error in failure.errors())
        raise ConfigurationError(f"{path} is not complete: correct {fields}.") from None
    if texts.fictitious and profile is Profile.PRODUCTION:
        raise ConfigurationError(f"{path} holds the words of a demonstration: production needs the office's own.")
    return texts
