"""What is wrong with a list, each with its line and field, a code that stays, and a sentence that says what to do.

Nothing of what stood in the list is repeated: it may name a person.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether the household stays outside, or comes in and somebody has to look."""

    ERROR = "error"
    WARNING = "warning"


class Fault(StrEnum):
    """The kinds of mistakes. The values are stable codes; ``remedy`` says what to do."""

    NOT_DECODABLE = "not-decodable"
    NOT_A_TABLE = "not-a-table"
    CUT_OFF = "cut-off"
    TOO_LARGE = "too-large"
    TOO_MANY_ROWS = "too-many-rows"
    NO_ROWS = "no-rows"
    COLUMN_MISSING = "column-missing"
    COLUMN_TWICE = "column-twice"
    CELLS_DO_NOT_FIT = "cells-do-not-fit"
    FORMULA = "formula"
    MISSING = "missing"
    NOT_READABLE = "not-readable"
    NOT_IN_TABLE = "not-in-table"
    NOT_A_DAY = "not-a-day"
    DAY_NOT_POSSIBLE = "day-not-possible"
    NOT_A_NUMBER = "not-a-number"
    TOO_LONG = "too-long"
    GROUP_NOT_IN_FORCE = "group-not-in-force"
    PLACE_UNKNOWN = "place-unknown"
    PLACE_AMBIGUOUS = "place-ambiguous"
    PLACE_WITHOUT_RELATIVES = "must-join-nobody"
    JOIN_INTO_STOPPED_TOWN = "join-into-stopped-town"
    PERSONS_OUT_OF_RANGE = "persons-out-of-range"
    PERSONS_DISAGREE = "persons-disagree"
    ROWS_DISAGREE = "rows-disagree"
    PERSON_TWICE = "person-twice"
    HOUSEHOLD_TWICE = "household-twice"
    BESIDE_UNNAMED_ROW = "beside-unnamed-row"
    TOTALS_DISAGREE = "totals-disagree"

    @property
    def remedy(self) -> str:
        """What whoever sends or uploads the list does about it."""
        return _REMEDIES[self]


_REMEDIES = {
    Fault.NOT_DECODABLE: "The text has another encoding than was said. Say utf-8 or cp1252 as it was saved.",
    Fault.NOT_A_TABLE: "The file cannot be read as what it says. Save it anew in its format and send that.",
    Fault.CUT_OFF: "The file ends in the middle. Ask for the whole list and send that.",
    Fault.TOO_LARGE: "The file unpacks to more than is taken. Send the list as CSV, or in parts.",
    Fault.TOO_MANY_ROWS: "The list has more rows than are taken. Send it in parts.",
    Fault.NO_ROWS: "The list has no rows. Check the sheet and the line of the headings in the mapping.",
    Fault.COLUMN_MISSING: "The list has no column of this heading. Correct it, or choose the mapping that fits.",
    Fault.COLUMN_TWICE: "Two columns have this heading. Remove or rename one.",
    Fault.CELLS_DO_NOT_FIT: "The row has more or fewer cells than there are headings. Correct separators and quotes.",
    Fault.FORMULA: "The cell is a formula. Replace it by its value.",
    Fault.MISSING: "Fill in this field.",
    Fault.NOT_READABLE: "Correct the field: it has a form or characters that are not taken there.",
    Fault.NOT_IN_TABLE: "Use one of the values of the mapping's table, or add this one to it.",
    Fault.NOT_A_DAY: "Write a day of the calendar in one of the formats of the mapping.",
    Fault.DAY_NOT_POSSIBLE: "Correct the day: it lies too far back or ahead.",
    Fault.NOT_A_NUMBER: "Write a whole number that is not negative.",
    Fault.TOO_LONG: "Shorten the field.",
    Fault.GROUP_NOT_IN_FORCE: "The law of that day knows no such group. Correct the group or the day.",
    Fault.PLACE_UNKNOWN: "No municipality of the Land has this name or AGS. Use its AGS, or leave the field empty.",
    Fault.PLACE_AMBIGUOUS: "The name can mean another place. Write it as the register does, or use the AGS.",
    Fault.PLACE_WITHOUT_RELATIVES: "Name the town of the core family that must be joined.",
    Fault.JOIN_INTO_STOPPED_TOWN: "The town takes nobody on that day. Speak with the town, or look at the tie again.",
    Fault.PERSONS_OUT_OF_RANGE: "A household has 1 to 39 persons. Correct the number, or divide what are two families.",
    Fault.PERSONS_DISAGREE: "The numbers do not add up. Correct them, or add the rows of the persons that are missing.",
    Fault.ROWS_DISAGREE: "The rows of this household say different things. Make them say the same.",
    Fault.PERSON_TWICE: "The same person stands twice in the household. Remove one row.",
    Fault.HOUSEHOLD_TWICE: "The household stands twice in the list. Leave the one that is right.",
    Fault.BESIDE_UNNAMED_ROW: "A row beside this household names none and can be one of its persons. Name it there.",
    Fault.TOTALS_DISAGREE: "The list has another number than was announced with it. Ask for the whole list.",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a line (counted from 1 as the file shows it; 0 is the file as a whole).

    ``field`` is a name of the mapping, empty where no field is to blame; ``suggestions`` are names of the register.
    """

    line: int
    field: str
    fault: Fault
    suggestions: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
