"""What must be true of records however strange they were: each has its end and its reason, and nobody waits."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kfi_allocation.domain.errors import RuleBroken as AllocationRuleBroken
from kfi_applications.domain.errors import RuleBroken
from kfi_chassis.dead_letters import BEHIND_ANOTHER
from kfi_contracts.cloudevents import EnvelopeFault

from .flood import Spot
from .fuzz_records import Made

NEVER_HEARD_OF = "town_was_never_told"
"""What towns are told of a household begins with its proposal: a sound event that follows from none is refused."""
BUSINESS = {
    "allocation": {rule.code for rule in AllocationRuleBroken.__subclasses__()} | {"unknown-household", NEVER_HEARD_OF},
    "applications": {rule.code for rule in RuleBroken.__subclasses__()} | {"unknown-application", "unknown-act"},
    "notifications": {
        "content_too_large", "template_version_too_large", "channel_does_not_fit_template",
        "channel_cannot_announce", "act_missing", "ordered_before_with_another_content",
    },
}  # fmt: skip
"""The codes by which the handlers of a service refuse an event; a service that takes in events adds its line."""
CHASSIS = {*map(str, EnvelopeFault), BEHIND_ANOTHER}
DATA = re.compile(r"invalid_data:[a-z_]+:[a-z_]+")


def reason_is_known(service: str, reason: str) -> bool:
    """Whether it says what is wrong with the record, and not that the program met something unexpected."""
    return reason in CHASSIS or reason in BUSINESS[service] or DATA.fullmatch(reason) is not None


def ends_are_right(service: str, made: Sequence[Made], placed: Mapping[Spot, int], reasons: Mapping[Spot, str]) -> None:
    """Every record that was parked says why, and every kind whose end is known came to it."""
    unknown = Counter(reason for reason in reasons.values() if not reason_is_known(service, reason))
    assert not unknown, f"{service} parked for reasons nobody knows: {unknown}"
    wrong: Counter[tuple[str, str]] = Counter()
    for spot, index in placed.items():
        one, reason = made[index], reasons.get(spot)
        became = f"parked {reason}" if reason else "passed"
        expected = one.end if one.end.startswith("parked") else "passed" if one.end else ""
        follows_from_none = expected == "passed" and reason == NEVER_HEARD_OF
        wrong[one.kind, became] += not (became.startswith(expected) or follows_from_none)
    assert not +wrong, f"{service}: kinds that did not come to their end: {+wrong}"


def lines_of_trouble(log: Path, since: int) -> list[str]:
    """What a service logged as an error, apart from the records it parked; and whatever is no line of its log."""
    with log.open("rb") as file:
        file.seek(since)
        return [told for told in map(_trouble, file) if told]


def _trouble(line: bytes) -> str:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        return line.decode(errors="replace").strip()
    serious = told["level"] in {"error", "critical"} and told["event"] != "record_parked"
    return line.decode(errors="replace")[:2000] if serious or told["event"] == "delivery_met_a_fault" else ""


def by_kind(made: Iterable[Made]) -> Counter[str]:
    """How many of each kind."""
    return Counter(one.kind for one in made)
