"""Why a record was parked, in plain words, and what to do next; a service adds the reasons of its own rules.

`docs/operations/dead-letters.md` shows the same sentences; a test compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Explanation:
    """What a reason means, and what an operator does about it."""

    meaning: str
    remedy: str


Reasons = Mapping[str, Explanation]
"""Explanations by reason; of one with varying parts (`unexpected:<class>`) the key is the part before the colon."""

_NO_EVENT: Final = Explanation(
    "no event of ours: the envelope is broken",
    "find who wrote it (topic, offset, `ce_source`); have it sent properly under a new id; discard",
)
_FAULT_OF_READING: Final = Explanation("reading it met an error nobody foresaw", "report it; after the mend replay")
_UNKNOWN: Final = Explanation("a reason this version does not know", "look for it in the release that parked it")
EVERYWHERE: Final[Reasons] = {
    "behind_parked": Explanation(
        "sound itself, waits for an earlier letter of its key",
        "resolve the first one: its replay takes these along; after a discard decide on each",
    ),
    **dict.fromkeys(
        ("tombstone", "missing_attribute", "null_header", "not_utf8", "duplicate_attribute", "invalid_attribute",
         "unsupported_specversion", "unsupported_content_type"),
        _NO_EVENT,
    ),
    "invalid_data": Explanation(
        "the envelope is right, the data is not: a field is missing or wrong, or holds a value this version does not "
        "know (`enum`)",
        "a newer producer: bring the new version of this service, then replay. Otherwise find who wrote it; have it "
        "sent properly under a new id; discard",
    ),
    "unreadable": _FAULT_OF_READING,
    "undecodable": _FAULT_OF_READING,
    "unexpected": Explanation(
        "the handler met an error nobody foresaw; the log line `record_parked` says where in the code",
        "report it; after the mend replay",
    ),
    "nobody_subscribed": Explanation(
        "only after a replay: this version has no handler for the type any more",
        "discard, or bring the version that has one",
    ),
    "restore:not_rebuilt": Explanation(
        "after a restore: an event of this service that its aggregate cannot follow",
        "compare the case with the event and correct it; discard",
    ),
    "restore:sequence_issued_twice": Explanation(
        "after a restore: the service was started before `kfi restore apply`, and two events have one number",
        "find out which of the two is meant, tell those who act on them; discard",
    ),
}  # fmt: skip
"""The reasons of the chassis itself."""
REFUSALS: Final[Reasons] = {
    "too_large": Explanation(
        "the topic or the broker takes less than `KFI_MAX_EVENT_BYTES`", "raise its `max.message.bytes`; release"
    ),
    "invalid_topic": Explanation(
        "no topic can have this name: a fault of this version",
        "report it; after the mend discard, for it never goes out",
    ),
}
"""Why the broker refuses an event of the outbox."""


def explain(reason: str, own: Reasons) -> Explanation:
    """What a reason means, by its whole name or by the part before the colon."""
    kind = reason.partition(":")[0]
    found = (known[name] for name in (reason, kind) for known in (own, EVERYWHERE, REFUSALS) if name in known)
    return next(found, _UNKNOWN)
