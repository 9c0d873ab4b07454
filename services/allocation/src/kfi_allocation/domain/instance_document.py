"""Makes an instance of a document. Every problem names its place in it, and nothing is half read."""

from kfi_allocation.domain.checking import Checker, DocumentNotReadable, Fields
from kfi_allocation.domain.instance import FORMAT, Household, Instance, Municipality, Policy

MOST_PERSONS = 39
MOST_FIT = 60
MOST_COUNT = 1_000_000


def instance_from(document: object) -> Instance:
    """The instance a document describes. Raises DocumentNotReadable with every problem found."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentNotReadable([f'format: must be "{FORMAT}"'])
    checker = Checker()
    policy = _policy(checker, document.get("policy"))
    towns = [_municipality(checker, row, at) for at, row in checker.rows(document, "municipalities")]
    homes = [_household(checker, row, at) for at, row in checker.rows(document, "households")]
    if not towns:
        checker.say("municipalities", "there is none")
    checker.unique("municipalities", "ags", [town.ags for town in towns])
    checker.unique("households", "id", [home.id for home in homes])
    _relatives_exist(checker, homes, {town.ags for town in towns})
    if checker.problems:
        raise DocumentNotReadable(checker.problems)
    return Instance(policy, tuple(towns), tuple(homes))


def _policy(checker: Checker, value: object) -> Policy:
    fields = value if isinstance(value, dict) else {}
    if fields is not value:
        checker.say("policy", "must be an object")
    return Policy(
        checker.weight(fields, "off_target_per_person", "policy"),
        checker.weight(fields, "beyond_tolerance_per_person", "policy"),
        checker.whole(fields, "tolerance_persons", "policy", 0, MOST_COUNT),
        checker.weight(fields, "tolerance_share", "policy"),
        checker.weight(fields, "relatives_missed_per_person", "policy"),
        checker.weight(fields, "relatives_same_district_per_person", "policy"),
    )


def _municipality(checker: Checker, row: Fields, at: str) -> Municipality:
    fit = row.get("fit", {})
    if not isinstance(fit, dict):
        checker.say(f"{at}.fit", "must be an object")
        fit = {}
    for profile in fit:
        checker.whole(fit, profile, f"{at}.fit", 0, MOST_FIT)
    return Municipality(
        checker.text(row, "ags", at),
        checker.text(row, "district", at),
        checker.hundredths(row, "target", at, MOST_COUNT),
        checker.whole(row, "capacity", at, 0, MOST_COUNT),
        checker.words(row, "offers", at),
        fit,
    )


def _household(checker: Checker, row: Fields, at: str) -> Household:
    relatives_in = row.get("relatives_in")
    if relatives_in is not None and not isinstance(relatives_in, str):
        checker.say(f"{at}.relatives_in", "must be an AGS or null")
        relatives_in = None
    must_join = row.get("must_join", False)
    if not isinstance(must_join, bool):
        checker.say(f"{at}.must_join", "must be true or false")
        must_join = False
    if must_join and relatives_in is None:
        checker.say(f"{at}.relatives_in", "a household that must join names the town it joins")
    return Household(
        checker.text(row, "id", at),
        checker.whole(row, "persons", at, 1, MOST_PERSONS),
        checker.text(row, "profile", at),
        checker.words(row, "needs", at),
        relatives_in,
        must_join,
    )


def _relatives_exist(checker: Checker, homes: list[Household], known: set[str]) -> None:
    for number, home in enumerate(homes):
        if home.relatives_in is not None and home.relatives_in not in known:
            checker.say(f"households[{number}].relatives_in", f"no municipality of the instance is {home.relatives_in}")
