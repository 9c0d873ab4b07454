"""The policy of the account: by which key, with which credits, and whether a town at 100 % is passed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


class AccountNotComputable(Exception):
    """The account does not say what is needed to compute it; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Series:
    """A figure of every municipality on one day, by AGS: inhabitants, or square kilometres; with whose data it is."""

    name: str
    counted_on: date
    source: str
    by_ags: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the key that goes by one series; the shares of a key sum to 1."""

    series: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class GainCap:
    """No key is more than (1 + most) times the town's share of the series `over`; the others carry the rest."""

    over: str
    most: Fraction


@dataclass(frozen=True, slots=True)
class Key:
    """How duty is distributed: one or more parts, and a cap where the law has one."""

    parts: tuple[Part, ...]
    cap: GainCap | None


@dataclass(frozen=True, slots=True)
class CreditRule:
    """A credit that counts for so many months from its day; None: as long as it lasts."""

    name: str
    months: int | None


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """One version of the policy. `stop_at_full`: a town at 100 % gets nobody but core families.

    Intake counts when it was on `counts_from` or later.
    """

    version: str
    valid_from: date
    paragraph: str
    key: Key
    credits: Mapping[str, CreditRule]
    counts_from: date
    stop_at_full: bool
