"""The packaged programmes with their dated values, and the calls an installation offers."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind
from kfi_applications.domain.errors import CallNotAccepting
from kfi_law.parameters import Parameters

_DATA = files("kfi_applications.domain.programmes") / "data"


@dataclass(frozen=True)
class Programme:
    """A line of funding; ``closed`` says why it takes no application any more."""

    key: str
    title: str
    legal_basis: tuple[str, ...]
    closed: str | None = None


class Catalogue:
    """The programmes and the calls of an installation."""

    def __init__(self, programmes: Iterable[Programme], calls: Iterable[Call]) -> None:
        self._programmes = {programme.key: programme for programme in programmes}
        self._calls = {call.key: call for call in calls}

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls, the newest first."""
        return tuple(sorted(self._calls.values(), key=lambda call: call.last_day, reverse=True))

    def programme(self, key: str) -> Programme:
        """The programme; raises CallNotAccepting when there is none of that name."""
        if key not in self._programmes:
            raise CallNotAccepting("There is no such programme.", fix="Look at the calls.", field="call")
        return self._programmes[key]

    def call(self, key: str) -> Call:
        """The call; raises CallNotAccepting for an unknown one and for the name of a closed programme."""
        if key in self._programmes and self._programmes[key].closed:
            raise CallNotAccepting(
                f"The programme is closed: {self._programmes[key].closed}.", fix="Look at the open calls.", field="call"
            )
        if key not in self._calls:
            raise CallNotAccepting("There is no such call.", fix="Choose the key of an open call.", field="call")
        return self._calls[key]


@cache
def packaged_programmes() -> tuple[Programme, ...]:
    """The programmes that come with the package, open and closed."""
    return tuple(
        Programme(row["key"], row["title"], tuple(row["legal_basis"]), row.get("closed"))
        for row in _packaged("programmes.toml")["programme"]
    )


@cache
def packaged_parameters() -> Parameters:
    """The dated values of the packaged programmes."""
    return Parameters.from_records(_packaged("programmes.toml")["parameter"])


def demonstration_calls() -> tuple[Call, ...]:
    """The fictitious calls for demonstrations and tests."""
    return calls_from(_packaged("demonstration_calls.toml"))


def calls_from(document: Mapping[str, Any]) -> tuple[Call, ...]:
    """The calls of a parsed TOML file with a ``[[call]]`` table each.

    Raises KeyError, TypeError or ValueError for a missing, unknown or malformed field.
    """
    return tuple(_call(row) for row in document["call"])


def _call(row: Mapping[str, Any]) -> Call:
    read = {
        **row,
        "deadline_kind": DeadlineKind(row["deadline_kind"]),
        "civic_work_basis": CivicWorkBasis(row["civic_work_basis"]),
        "cap": Decimal(row["cap"]),
    }
    return Call(**read)


def _packaged(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_DATA / name).read_text(encoding="utf-8"))
