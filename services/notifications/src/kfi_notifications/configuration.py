"""The files an operator keeps: letterhead, courts' addresses, sealing keys; read once when the service starts."""

import json
import tomllib
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from kfi_chassis.sealing import Opener, SealingError
from kfi_chassis.settings import ConfigurationError, Profile
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.domain.summaries import Summaries, SummaryLanguage

M = TypeVar("M", bound=BaseModel)

SUMMARIES: Final = Path(__file__).parent / "summaries"
"""The sentences of summaries that come with the service, a folder for each version."""

DEMO: Final = Path(__file__).parent / "demo"
"""Files with invented data, for demonstrations and tests."""


def read_letterhead(path: Path, profile: Profile) -> Letterhead:
    """Read the sender's data. Raises ConfigurationError, also for invented data in production."""
    letterhead = _read(path, Letterhead)
    if letterhead.fictitious:
        _refuse_in_production(profile, path, "the letterhead")
    return letterhead


def read_courts(path: Path, profile: Profile) -> CourtDirectory:
    """Read the courts' addresses. Raises ConfigurationError, also for invented data in production."""
    courts = _read(path, CourtDirectory)
    if courts.fictitious:
        _refuse_in_production(profile, path, "the courts' addresses")
    return courts


def read_summaries(folder: Path, profile: Profile) -> Summaries:
    """Read the sentences of summaries: a folder for each version, in it a file for each language.

    Production never shows what nobody has reviewed. Raises ConfigurationError.
    """
    files = sorted(folder.glob("[0-9]*/*.toml"))
    read = {(path.stem, int(path.parent.name)): _read(path, SummaryLanguage) for path in files}
    for (name, _), found in read.items():
        if found.language != name:
            raise ConfigurationError(f"{folder} names a file {name} and its language {found.language}: correct one.")
    return Summaries(read, unreviewed_may_be_shown=profile is not Profile.PRODUCTION)


def read_keys(path: Path) -> Opener:
    """Read the private keys that open orders, a JWK set (RFC 7517, 5). Raises ConfigurationError, naming no key."""
    try:
        keys = json.loads(path.read_bytes())["keys"]
        if not keys:
            raise ConfigurationError(f"{path} holds no key: make one with `kfi-notifications keys new`.")
        return Opener(keys)
    except OSError as failure:
        raise ConfigurationError(f"{path} cannot be read ({failure.strerror}): put the file there.") from None
    except SealingError as failure:
        raise ConfigurationError(f"{path} holds a key that cannot be used ({failure.code}): make a new one.") from None
    except (ValueError, TypeError, KeyError):
        raise ConfigurationError(f"{path} is no JWK set: make one with `kfi-notifications keys new`.") from None


def _read(path: Path, model: type[M]) -> M:
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as failure:
        raise ConfigurationError(f"{path} cannot be read ({failure.strerror}): put the file there.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as failure:
        raise ConfigurationError(f"{path} is no TOML file ({failure}): correct it.") from None
    except ValidationError as failure:
        fields = ", ".join(".".join(str(part) for part in error["loc"]) for error in failure.errors())
        raise ConfigurationError(f"{path} is not complete: correct {fields}.") from None


def _refuse_in_production(profile: Profile, path: Path, what: str) -> None:
    if profile is Profile.PRODUCTION:
        raise ConfigurationError(f"{path} holds {what} of a demonstration: production needs confirmed data.")
