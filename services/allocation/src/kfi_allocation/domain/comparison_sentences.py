"""The figures of a comparison in plain German, for the family: a sentence or two per criterion of § 16 (2) TIntG.

Each sentence says what was known of the household and of the town; none says more than the frozen input does.
"""

import re
from fractions import Fraction
from typing import Final

from kfi_allocation.domain.household import Household
from kfi_allocation.domain.reasons import FULL, OBJECTED, QUOTA_REACHED, STOPPED, Reasons
from kfi_law.municipalities import register

OPEN: Final = "Die Gemeinde kann Ihren Haushalt aufnehmen."
_CLOSED: Final = "Die Gemeinde kann Ihren Haushalt nicht aufnehmen."
_NEEDS: Final = {
    "accessible": "barrierefreier Wohnraum",
    "specialist_medicine": "die fachärztliche Versorgung",
    "large_home": "eine ausreichend große Wohnung",
}
_NOBODY: Final = {
    STOPPED: "Für sie gilt zurzeit ein Aufnahmestopp.",
    FULL: "Sie hat keine freien Aufnahmeplätze.",
    QUOTA_REACHED: "Sie hat ihren Anteil an der Verteilung bereits aufgenommen.",
    OBJECTED: "Die Einwände der Gemeinde gegen die Aufnahme waren begründet.",
}
_NOT_OFFERED: Final = re.compile(r"does not offer (?P<need>.+)")
_FAMILY: Final = re.compile(r"the core family is in (?P<ags>[0-9]{8})")
_PLACES: Final = re.compile(r"(?P<left>-?[0-9]+) places left for (?P<persons>[0-9]+) persons")


def town_name(ags: str) -> str:
    """How the letter names a town. Raises UnknownMunicipality."""
    return register().get(ags).short_name


def reception(obstacles: tuple[str, ...]) -> str:
    """Nr. 1: whether the household can be taken, or what stands against it."""
    return " ".join([_CLOSED, *(_in_german(each) for each in obstacles)]) if obstacles else OPEN


def relatives(household: Household, ags: str) -> str:
    """Nr. 2: where the relatives live, and whether the family wished for the town."""
    wish = [] if not household.wishes else [_WISHED if ags in household.wishes else _NOT_WISHED]
    return " ".join([_where_relatives_live(household.relatives_in, ags), *wish])


_WISHED: Final = "Diesen Ort haben Sie sich gewünscht."
_NOT_WISHED: Final = "Sie haben sich einen anderen Ort gewünscht."


def integration(household: Household, points: str, obstacles: tuple[str, ...] = ()) -> str:
    """Nr. 3: whether the town has what the household needs, and fits what it said of its languages and wishes."""
    if household.must_join:
        return "Die Nähe zu Ihrer Kernfamilie geht hier vor."
    return " ".join([*_care(household, obstacles), _languages_and_wishes(household, points)])


def conclusion(reasons: Reasons) -> str:
    """What the four criteria say together; where they do not bear the choice, the sentences of people follow."""
    name = town_name(reasons.chosen.ags)
    if reasons.chosen.obstacles:
        return f"Ich entscheide mich dennoch für {name}, und zwar aus folgenden Gründen:"
    if reasons.better:
        *first, last = (town_name(town.ags) for town in reasons.better)
        others = f"{', '.join(first)} und {last}" if first else last
        return (
            f"Diese Werte sprächen mehr für {others}. Ich entscheide mich dennoch für {name}, weil anderes überwiegt:"
        )
    able = [town for town in reasons.alternatives if not town.obstacles]
    if not able:
        return f"Von den verglichenen Gemeinden kann nur {name} Ihren Haushalt aufnehmen."
    if any(Fraction(town.total) == Fraction(reasons.chosen.total) for town in able):
        return f"Für keine der verglichenen Gemeinden, die Sie aufnehmen können, spricht mehr als für {name}."
    return f"Von den verglichenen Gemeinden, die Sie aufnehmen können, spricht am meisten für {name}."


def _care(household: Household, obstacles: tuple[str, ...]) -> list[str]:
    missing = {found["need"] for each in obstacles if (found := _NOT_OFFERED.fullmatch(each))}
    there = [_NEEDS.get(need, need) for need in sorted(household.needs - missing)]
    return [f"Vorhanden ist, was Ihr Haushalt braucht: {', '.join(there)}."] if there else []


def _languages_and_wishes(household: Household, points: str) -> str:
    if not household.languages and not household.wishes:
        return "Zu Sprachen und Wünschen ist mir nichts bekannt."
    if Fraction(points) == 0:
        return "Nach dem Regelwerk spricht zu Ihren Sprachen und Wünschen nichts gegen den Ort."
    return "Der Ort entspricht nicht in allem dem, was mir über Ihre Sprachen und Wünsche bekannt ist."


def even_distribution(points: str) -> str:
    """Nr. 4: what becomes of the even distribution in the state when the household is taken there."""
    change = Fraction(points)
    if change == 0:
        return "Die gleichmäßige Verteilung im Land bliebe unverändert."
    kind = "gleichmäßiger" if change < 0 else "ungleichmäßiger"
    return f"Die Verteilung im Land würde {kind}."


def _where_relatives_live(relatives_in: str | None, ags: str) -> str:
    if relatives_in is None:
        return "Angehörige in Nordrhein-Westfalen sind mir nicht bekannt."
    if relatives_in == ags:
        return "Ihre Angehörigen wohnen hier."
    theirs, here = register().get(relatives_in), register().get(ags)
    near = ", im selben Kreis" if theirs.kreis_ags == here.kreis_ags else ""
    return f"Ihre Angehörigen wohnen in {theirs.short_name}{near}."


def _in_german(obstacle: str) -> str:
    if found := _NOT_OFFERED.fullmatch(obstacle):
        need = found["need"]
        return f"Es fehlt: {_NEEDS.get(need, need)}."
    if found := _FAMILY.fullmatch(obstacle):
        return f"Ihre Kernfamilie wohnt in {town_name(found['ags'])}."
    if found := _PLACES.fullmatch(obstacle):
        return f"Für Ihren Haushalt mit {found['persons']} Personen reichen die freien Plätze nicht."
    return _NOBODY[obstacle]
