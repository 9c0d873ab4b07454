"""Whom the law or the custom of the authority wants heard before a town is decided: the family, its community."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HearingAnswer:
    """What the family said: the towns it wishes for, and why, in its own words; received on a day."""

    received_on: date
    wishes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """The hearing about one town (§ 28 VwVfG NRW): ``answer_by`` is its last day, ``lapsed_on`` when it was over."""

    letter_id: UUID
    ags: str
    asked_on: date
    answer_by: date
    answer: HearingAnswer | None = None
    lapsed_on: date | None = None


@dataclass(frozen=True, slots=True)
class CommunityHearing:
    """What the Jewish community (Kultusgemeinde) was asked and said about one town."""

    ags: str
    asked_on: date
    answer_by: date
    answered_on: date | None = None
    supports: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class FamilysAnswer:
    """Whether the family of a coordinated procedure agrees to a town."""

    ags: str
    agrees: bool
    answered_on: date
    text: str = ""
