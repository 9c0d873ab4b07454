"""The groups of § 14 TIntG and the procedure of each by § 16: decided by an act, or coordinated with the family."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """A group of § 14 TIntG; § 23 (2) AufenthG stands in one number and has two groups, because one has a community."""

    LATE_REPATRIATES = "late-repatriates"
    CO_TRAVELLING_FAMILY = "co-travelling-family"
    HUMANITARIAN_ADMISSION = "humanitarian-admission"
    JEWISH_IMMIGRANTS = "jewish-immigrants"
    RESETTLEMENT = "resettlement"
    INDIVIDUAL_ADMISSION = "individual-admission"


class Procedure(StrEnum):
    """How a town becomes the town of a household."""

    COORDINATED = "coordinated"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class GroupOfLaw:
    """What the law says of a group from a day on, until (and without) another."""

    group: Group
    number: int
    german: str
    admitted_under: str
    procedure: Procedure
    holds_from: date
    holds_until: date | None = None
    community_is_asked: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether the row is law on a day."""
        return self.holds_from <= day and (self.holds_until is None or day < self.holds_until)


_TINTG_2021: Final = date(2022, 1, 1)

ROWS: Final = (
    GroupOfLaw(
        Group.LATE_REPATRIATES, 1, "Spätaussiedlerinnen und Spätaussiedler und ihre Familien", "§§ 4, 7 Abs. 2 BVFG",
        Procedure.COORDINATED, _TINTG_2021,
    ),
    GroupOfLaw(
        Group.CO_TRAVELLING_FAMILY, 2, "mit ihnen eingereiste ausländische Familienangehörige", "§ 8 Abs. 2 BVFG",
        Procedure.COORDINATED, _TINTG_2021,
    ),
    GroupOfLaw(
        Group.HUMANITARIAN_ADMISSION, 3, "Aufnahme durch den Bund aus humanitären Gründen", "§ 23 Abs. 2 AufenthG",
        Procedure.DECIDED, _TINTG_2021,
    ),
    GroupOfLaw(
        Group.JEWISH_IMMIGRANTS, 3, "jüdische Zuwanderinnen und Zuwanderer", "§ 23 Abs. 2 AufenthG",
        Procedure.DECIDED, _TINTG_2021, community_is_asked=True,
    ),
    GroupOfLaw(
        Group.RESETTLEMENT, 4, "Neuansiedlung von Schutzsuchenden", "§ 23 Abs. 4 AufenthG",
        Procedure.DECIDED, _TINTG_2021,
    ),
    GroupOfLaw(
        Group.INDIVIDUAL_ADMISSION, 5, "Aufnahme aus dem Ausland im Einzelfall", "§ 22 AufenthG",
        Procedure.DECIDED, _TINTG_2021,
    ),
)  # fmt: skip
"""§ 14 Nr. 1-5 and § 16 (1), (2) TIntG of 2021; that the Kultusgemeinde is asked is how the authority says it works."""


class NoSuchGroup(LookupError):
    """The law of that day knows no such group."""


def group_on(group: Group, day: date) -> GroupOfLaw:
    """The law of a group on a day. Raises NoSuchGroup before 2022."""
    found = next((row for row in ROWS if row.group is group and row.holds_on(day)), None)
    if found is None:
        raise NoSuchGroup(f"{group} on {day}")
    return found
