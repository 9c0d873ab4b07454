"""The packaged programmes with their rules, and calls that stand in a file."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind, PartialMonth
from kfi_applications.domain.errors import CallNotAccepting
from kfi_applications.domain.programmes.parameters import packaged
from kfi_applications.domain.programmes.programme import Programme
from kfi_applications.domain.programmes.registry import REGISTERED


class Catalogue:
    """Programmes, and calls of a file; those that an installation has opened stand in its database."""

    def __init__(self, programmes: Iterable[Programme], calls: Iterable[Call] = ()) -> None:
        """Raises CallNotAccepting for a call whose programme is unknown or closed, or needs a value it lacks."""
        self._programmes = {programme.key: programme for programme in programmes}
        self._calls = {call.key: call for call in calls}
        for call in self._calls.values():
            self.must_bear(call)

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """All programmes, open and closed."""
        return tuple(self._programmes.values())

    def programme(self, key: str) -> Programme:
        """The programme; raises CallNotAccepting when there is none of that name."""
        if key not in self._programmes:
            raise CallNotAccepting("There is no such programme.", fix="Look at the calls.", field="call")
        return self._programmes[key]

    def call(self, key: str) -> Call:
        """The call; raises CallNotAccepting for an unknown one and for the name of a closed programme."""
        self.must_not_be_closed(key)
        if key not in self._calls:
            raise CallNotAccepting("There is no such call.", fix="Choose the key of an open call.", field="call")
        return self._calls[key]

    def must_bear(self, call: Call) -> None:
        """Raises CallNotAccepting when nobody could be funded by the call, DateNotPossible when its days contradict."""
        self.programme(call.programme).must_fit(call)
        call.days_must_follow()

    def must_not_be_closed(self, key: str) -> None:
        """Raises CallNotAccepting with the reason when this is the name of a closed programme."""
        if key in self._programmes:
            self._programmes[key].must_not_be_closed()


@cache
def packaged_programmes() -> tuple[Programme, ...]:
    """The programmes that come with the package, open and closed, with the rules that are registered for them."""
    registered = {rules.programme: rules for rules in REGISTERED}
    return tuple(
        Programme(
            row["key"], row["title"], tuple(row["legal_basis"]), row.get("closed"), registered.get(row["key"]),
            row.get("last_year"),
        )
        for row in packaged("programmes.toml")["programme"]
    )  # fmt: skip


def demonstration_calls() -> tuple[Call, ...]:
    """The fictitious calls for demonstrations and tests."""
    return calls_from(packaged("demonstration_calls.toml"))


def calls_from(document: Mapping[str, Any]) -> tuple[Call, ...]:
    """The calls of a parsed TOML file with a ``[[call]]`` table each.

    Raises KeyError, TypeError or ValueError for a missing, unknown or malformed field.
    """
    return tuple(_call(row) for row in document["call"])


_READ_BY = {
    "deadline_kind": DeadlineKind,
    "civic_work_basis": CivicWorkBasis,
    "partial_month": PartialMonth,
    "cap": Decimal,
}


def _call(row: Mapping[str, Any]) -> Call:
    read = {name: _READ_BY[name](value) if name in _READ_BY else value for name, value in row.items()}
    return Call(**read)
