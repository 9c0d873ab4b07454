"""One household out of its rows: what is said once per household, its persons, and whether both agree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kfi_allocation.domain.arrivals.mapping import NEED, OF_CONTACT, OF_PERSONS, ArrivalMapping, Column, Rows
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake
from kfi_allocation.domain.arrivals.places import Places
from kfi_allocation.domain.arrivals.rows import Cell, Row
from kfi_allocation.domain.arrivals.values import LANGUAGE, WORD, Values, written_in
from kfi_allocation.domain.groups import Group, NoSuchGroup, group_on
from kfi_allocation.domain.household import MOST_PERSONS, Announcement, Contact, Kinship, Member
from kfi_allocation.domain.school_age import is_grown_up, must_go_to_school

_OLDEST: Final = timedelta(days=130 * 366)
_LONG_AGO: Final = timedelta(days=366)
_FAR_AHEAD: Final = timedelta(days=3 * 366)
_CANCELLED: Final = "cancelled"
_LARGE_HOME: Final = "large_home"


@dataclass(frozen=True, slots=True)
class Described:
    """A household of a list: announced, cancelled by the list itself, or with mistakes and then neither."""

    reference: str
    line: int
    rows: int
    announced: Announcement | None
    cancelled: bool
    mistakes: tuple[Mistake, ...]


class Describer:
    """Makes households of rows, under one mapping and what was said of the list as a whole."""

    def __init__(
        self,
        mapping: ArrivalMapping,
        places: Places,
        today: date,
        group: Group | None,
        arrival_on: date | None,
        charter: str | None,
    ) -> None:
        self._mapping, self._places, self._today = mapping, places, today
        self._group, self._arrival_on, self._charter = group, arrival_on, charter
        at = {heading: place for place, heading in enumerate(mapping.headings)}
        self._at = {name: tuple(at[heading] for heading in headings) for name, headings in mapping.columns.items()}
        self._needs = [name for name in mapping.columns if name.startswith(NEED)]

    def describe(self, reference: str, rows: Sequence[Row], *, doubtful: bool = False) -> Described:
        """The household of these rows; every mistake is named, and with one it is not announced.

        ``doubtful``: a row beside them names no household and can be one of theirs.
        """
        values = Values(self._mapping, self._places)
        if doubtful:
            values.say(rows[0].line, Column.REFERENCE, Fault.BESIDE_UNNAMED_ROW)
        for row in rows:
            if not row.fits:
                values.say(row.line, "", Fault.CELLS_DO_NOT_FIT)
        cancelled = not values.mistakes and self._is_cancelled(values, rows)
        announced = None
        if not cancelled and not values.mistakes:
            announced = self._announcement(values, reference, rows)
        ok = not values.mistakes
        return Described(
            reference, rows[0].line, len(rows), announced if ok else None, cancelled and ok, tuple(values.mistakes)
        )

    def _is_cancelled(self, values: Values, rows: Sequence[Row]) -> bool:
        if not self._mapping.has(Column.STATUS):
            return False
        line, cells = self._once(values, rows, Column.STATUS)
        return values.meant(line, Column.STATUS, cells[0]) == _CANCELLED

    def _announcement(self, values: Values, reference: str, rows: Sequence[Row]) -> Announcement | None:
        by_person = self._mapping.rows is Rows.PERSON
        if not by_person and len(rows) > 1:
            for row in rows:
                values.say(row.line, Column.REFERENCE, Fault.HOUSEHOLD_TWICE)
            return None
        members = self._members(values, rows)
        arrival_on = self._arrival(values, rows)
        group = self._group_of(values, rows, arrival_on or self._today)
        persons = self._persons(values, rows, len(members) if by_person else None)
        adults, children, pupils = self._ages(values, rows, members, persons, arrival_on or self._today)
        relatives_in, must_join = self._relatives(values, rows)
        announcement = Announcement(
            reference, group, persons, adults, children, pupils, self._needs_of(values, rows, persons),
            self._languages(values, rows), relatives_in, must_join, self._wishes(values, rows), arrival_on,
            self._charter_of(values, rows), members, self._contact(values, rows),
        )  # fmt: skip
        return None if values.mistakes else announcement

    def _once(self, values: Values, rows: Sequence[Row], name: str) -> tuple[int, tuple[Cell, ...]]:
        """What the rows say of the household in a field, with the line; they may be silent and may not disagree."""
        at = self._at.get(name)
        if at is None:
            return rows[0].line, (None,)
        found: tuple[int, tuple[Cell, ...]] | None = None
        for row in rows:
            cells = tuple(row.cells[place] for place in at)
            if all(written_in(cell) == "" for cell in cells):
                continue
            if found is None:
                found = row.line, cells
            elif [written_in(cell) for cell in found[1]] != [written_in(cell) for cell in cells]:
                values.say(row.line, name, Fault.ROWS_DISAGREE)
        return found or (rows[0].line, (None,) * len(at))

    def _members(self, values: Values, rows: Sequence[Row]) -> tuple[Member, ...]:
        if not any(self._mapping.has(name) for name in OF_PERSONS):
            return () if self._mapping.rows is Rows.HOUSEHOLD else (Member(),) * len(rows)
        members = [self._member(values, row) for row in rows]
        seen: set[tuple[str, str, date | None]] = set()
        for row, member in zip(rows, members, strict=True):
            who = (member.last_name.casefold(), member.first_name.casefold(), member.born_on)
            if who in seen and all(who):
                values.say(row.line, Column.LAST_NAME, Fault.PERSON_TWICE)
            seen.add(who)
        return tuple(members)

    def _member(self, values: Values, row: Row) -> Member:
        last_name = values.text(row.line, Column.LAST_NAME, self._cell(row, Column.LAST_NAME))
        first_name = values.text(row.line, Column.FIRST_NAME, self._cell(row, Column.FIRST_NAME))
        born_on = values.day(
            row.line, Column.BORN_ON, self._cell(row, Column.BORN_ON), earliest=self._today - _OLDEST,
            latest=self._today,
        )  # fmt: skip
        kinship = values.meant(row.line, Column.KINSHIP, self._cell(row, Column.KINSHIP))
        self._must_be_there(values, row, Column.LAST_NAME)
        self._must_be_there(values, row, Column.BORN_ON)
        if kinship and kinship not in set(Kinship):
            values.say(row.line, Column.KINSHIP, Fault.NOT_IN_TABLE)
            kinship = ""
        return Member(last_name, first_name, born_on, Kinship(kinship) if kinship else None)

    def _must_be_there(self, values: Values, row: Row, name: str) -> None:
        by_person = self._mapping.rows is Rows.PERSON
        if by_person and self._mapping.has(name) and written_in(self._cell(row, name)) == "":
            values.say(row.line, name, Fault.MISSING)

    def _cell(self, row: Row, name: str) -> Cell:
        return row.cells[self._at[name][0]] if name in self._at else None

    def _persons(self, values: Values, rows: Sequence[Row], listed: int | None) -> int:
        line, cells = self._once(values, rows, Column.PERSONS)
        before = len(values.mistakes)
        counted = values.count(line, Column.PERSONS, cells[0])
        if len(values.mistakes) > before:
            return 0
        if counted is None and listed is None:
            values.say(line, Column.PERSONS, Fault.MISSING)
            return 0
        if listed is not None and counted not in (None, listed):
            values.say(line, Column.PERSONS, Fault.PERSONS_DISAGREE)
        persons = listed if listed is not None else counted or 0
        if not 1 <= persons <= MOST_PERSONS:
            values.say(line, Column.PERSONS, Fault.PERSONS_OUT_OF_RANGE)
        return persons

    def _ages(
        self, values: Values, rows: Sequence[Row], members: Sequence[Member], persons: int, on: date
    ) -> tuple[int, int, int]:
        """Grown up, not grown up, of school age: by the days of birth where all are known, else as the list says."""
        births = [member.born_on for member in members if member.born_on is not None]
        if births and len(births) == persons:
            grown_up = sum(is_grown_up(day, on) for day in births)
            return grown_up, persons - grown_up, sum(must_go_to_school(day, on) for day in births)
        adults, children, pupils = (
            self._number(values, rows, name) for name in (Column.ADULTS, Column.CHILDREN, Column.SCHOOL_CHILDREN)
        )
        children = children if children is not None else max(persons - (adults if adults is not None else persons), 0)
        adults = adults if adults is not None else max(persons - children, 0)
        if adults + children != persons or (pupils or 0) > persons:
            values.say(rows[0].line, Column.ADULTS, Fault.PERSONS_DISAGREE)
        return adults, children, pupils or 0

    def _number(self, values: Values, rows: Sequence[Row], name: str) -> int | None:
        line, cells = self._once(values, rows, name)
        return values.count(line, name, cells[0])

    def _arrival(self, values: Values, rows: Sequence[Row]) -> date | None:
        line, cells = self._once(values, rows, Column.ARRIVAL_ON)
        first, last = self._today - _LONG_AGO, self._today + _FAR_AHEAD
        return values.day(line, Column.ARRIVAL_ON, cells[0], earliest=first, latest=last) or self._arrival_on

    def _group_of(self, values: Values, rows: Sequence[Row], on: date) -> Group:
        line, cells = self._once(values, rows, Column.GROUP)
        before = len(values.mistakes)
        meant = values.meant(line, Column.GROUP, cells[0]) or (self._group or "")
        if meant in set(Group):
            try:
                return group_on(Group(meant), on).group
            except NoSuchGroup:
                values.say(line, Column.GROUP, Fault.GROUP_NOT_IN_FORCE)
        elif len(values.mistakes) == before:
            values.say(line, Column.GROUP, Fault.NOT_IN_TABLE if meant else Fault.MISSING)
        return Group.RESETTLEMENT

    def _needs_of(self, values: Values, rows: Sequence[Row], persons: int) -> frozenset[str]:
        needs = set(self._of_anybody(values, rows, Column.NEEDS, WORD))
        for name in self._needs:
            if any(values.flag(row.line, name, self._cell(row, name)) for row in rows):
                needs.add(name.removeprefix(NEED))
        if self._mapping.large_home_from is not None and persons >= self._mapping.large_home_from:
            needs.add(_LARGE_HOME)
        return frozenset(needs)

    def _languages(self, values: Values, rows: Sequence[Row]) -> tuple[str, ...]:
        return self._of_anybody(values, rows, Column.LANGUAGES, LANGUAGE)

    def _of_anybody(self, values: Values, rows: Sequence[Row], name: str, form: re.Pattern[str]) -> tuple[str, ...]:
        """What any person of the household brings: its rows may say different things."""
        at = self._at.get(name, ())
        found = (values.words(row.line, name, tuple(row.cells[place] for place in at), form) for row in rows)
        return tuple(dict.fromkeys(word for words in found for word in words))

    def _relatives(self, values: Values, rows: Sequence[Row]) -> tuple[str | None, bool]:
        line, cells = self._once(values, rows, Column.RELATIVES_IN)
        relatives_in = values.place(line, Column.RELATIVES_IN, cells[0])
        flag_line, flag = self._once(values, rows, Column.MUST_JOIN)
        must_join = values.flag(flag_line, Column.MUST_JOIN, flag[0])
        if must_join and written_in(cells[0]) == "":
            values.say(flag_line, Column.RELATIVES_IN, Fault.PLACE_WITHOUT_RELATIVES)
        return relatives_in, must_join

    def _wishes(self, values: Values, rows: Sequence[Row]) -> tuple[str, ...]:
        line, cells = self._once(values, rows, Column.WISHES)
        return values.towns(line, Column.WISHES, cells)

    def _charter_of(self, values: Values, rows: Sequence[Row]) -> str | None:
        line, cells = self._once(values, rows, Column.CHARTER)
        return values.code(line, Column.CHARTER, cells[0]) or self._charter

    def _contact(self, values: Values, rows: Sequence[Row]) -> Contact:
        said: dict[str, str] = {}
        for name in OF_CONTACT:
            line, cells = self._once(values, rows, name)
            said[name.value] = values.text(line, name, cells[0])
            if name is Column.EMAIL and said[name.value] and not _is_an_address(said[name.value]):
                values.say(line, name, Fault.NOT_READABLE)
        line, cells = self._once(values, rows, Column.RESIDENCE)
        return Contact(**said, residence=values.place(line, Column.RESIDENCE, cells[0]) or "")


def _is_an_address(written: str) -> bool:
    before, at, after = written.partition("@")
    return bool(before and at and after) and "@" not in after and " " not in written
