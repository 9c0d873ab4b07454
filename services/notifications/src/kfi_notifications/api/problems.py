"""What this service refuses, as problems of RFC 9457; each type has its page."""

from typing import Final

from kfi_chassis.http import DomainProblems
from kfi_chassis.problem import Problem, define
from kfi_chassis.problems import Conflict, NotFound
from kfi_chassis.sealing import MAX_CONTENT_BYTES
from kfi_law.errors import NotRetrievedInTime
from kfi_notifications.batches import BatchUnknown
from kfi_notifications.domain.court_addresses import CourtUnconfirmed
from kfi_notifications.domain.hold import AlreadyHeld, AlreadyReleased
from kfi_notifications.domain.letter import NotALetter
from kfi_notifications.domain.notification import AlreadyHandedOver, NeverPosted, ReturnedBeforePosting, WrongState
from kfi_notifications.domain.print_batch import (
    AlreadyAcknowledged,
    AnotherManifest,
    NotClosed,
    NotInBatch,
    PostedOnImpossible,
)
from kfi_notifications.domain.summaries import SummaryUnknown
from kfi_notifications.holds import HoldUnknown
from kfi_notifications.repository import NotificationUnknown
from kfi_notifications.typesetting import LanguageUnknown, TemplateUnknown, TypesettingFailed
from kfi_notifications.use_cases.preview import DigestDiffers, NotTheSigner
from kfi_notifications.use_cases.retrieve import NotRetrieved

PROVISION_ENDED: Final = define(
    "provision-ended", 409, "The letter waits here no longer",
    "A letter can be retrieved for ten days; after that it is announced by post (§ 41 (2a) VwVfG).",
    "Wait for the letter: it is on its way by post.",
)  # fmt: skip
NOT_RETRIEVED: Final = define(
    "not-retrieved", 409, "The letter was not retrieved yet",
    "Retrieving a letter announces it on the next day, so it is never done by the way.",
    "Retrieve the letter first; after that it can be read at any time.",
)  # fmt: skip

LETTER_CANNOT_BE_SET: Final = define(
    "letter-cannot-be-set", 409, "The letter cannot be set",
    "The content is sound, but no letter can be made of it now.",
    "The detail says what is wrong; correct it, or tell the operators.",
)  # fmt: skip
LETTER_TOO_LARGE: Final = define(
    "letter-too-large", 422, "The letter is too long",
    f"The content of a letter holds {MAX_CONTENT_BYTES} bytes at most.", "Shorten its reasons and conditions.",
)  # fmt: skip
DIGEST_DIFFERS: Final = define(
    "digest-differs", 409, "The digest is not that of this letter",
    "What would be signed is not what would be seen.", "Read the content of the letter and its digest again.",
)  # fmt: skip
NOT_THE_SIGNER: Final = define(
    "not-the-signer", 403, "The letter would not bear your name",
    "Only the person who signs a letter sees it without the mark of a draft.", "Leave the digest out to see a draft.",
)  # fmt: skip
ALREADY_HANDED_OVER: Final = define(
    "already-handed-over", 409, "It has left the house",
    "It was handed over, recalled or has failed, so it can neither be held nor recalled.",
    "If what it says is wrong, correct it by a letter of its own: a correction is a new act with its own announcement.",
)  # fmt: skip
ALREADY_HELD: Final = define(
    "already-held", 409, "It is held already", "A hold of the same is in force.", "Read the holds in force."
)
ALREADY_RELEASED: Final = define(
    "already-released", 409, "The hold is over", "Somebody has released it.", "Read the holds in force."
)
NEVER_POSTED: Final = define(
    "never-posted", 409, "It did not go by post", "Only a letter that was posted, and is not back yet, comes back.",
    "Read the notification again.",
)  # fmt: skip
RETURNED_BEFORE_POSTING: Final = define(
    "returned-before-posting", 422, "The day is not possible",
    "A letter comes back on or after the day of its posting, and not in the future.", "Correct the day.",
)  # fmt: skip
BATCH_NOT_CLOSED: Final = define(
    "batch-not-closed", 409, "The batch still takes letters", "Its cut-off has not passed.", "Wait for its manifest."
)
ALREADY_ACKNOWLEDGED: Final = define(
    "already-acknowledged", 409, "The batch is acknowledged", "Somebody has said when it was posted.",
    "Read the batch. A day that was wrong is for the caseworkers of its letters.",
)  # fmt: skip
ANOTHER_MANIFEST: Final = define(
    "another-manifest", 409, "The manifest is another one",
    "What was printed is not what the manifest of this batch names.", "Read the manifest in its folder again.",
)  # fmt: skip
POSTED_ON_IMPOSSIBLE: Final = define(
    "posted-on-impossible", 422, "The day is not possible",
    "Letters are posted on or after the day of their batch, and not in the future.", "Correct the day.",
)  # fmt: skip
NOT_IN_BATCH: Final = define(
    "not-in-batch", 422, "A letter is none of the batch", "A letter that was not posted is not in the manifest.",
    "Name letters of the manifest.",
)  # fmt: skip
_OBSTACLES: Final = {
    CourtUnconfirmed: "The address of the court for the seat of the addressee is confirmed by nobody.",
    NotALetter: "An e-mail that says that a message waits is no letter.",
    TemplateUnknown: "There is no such version of the template.",
    LanguageUnknown: "There is no template in this language.",
    SummaryUnknown: "There are no sentences for a summary of this language and version.",
}
_NOT_SET: Final = {
    "missing_glyph": "It holds a character that the fonts of the letters lack.",
    "address_too_long": "The address does not fit the window of the envelope.",
}


def _cannot_be_set(failure: Exception) -> Problem:
    if isinstance(failure, TypesettingFailed):
        return Problem.of(LETTER_CANNOT_BE_SET, _NOT_SET.get(failure.code, "Its template has a fault."))
    return Problem.of(LETTER_CANNOT_BE_SET, _OBSTACLES[type(failure)])


DOMAIN_PROBLEMS: Final[DomainProblems] = {
    **dict.fromkeys((*_OBSTACLES, TypesettingFailed), _cannot_be_set),
    AlreadyAcknowledged: ALREADY_ACKNOWLEDGED,
    AnotherManifest: ANOTHER_MANIFEST,
    BatchUnknown: NotFound.kind,
    NotClosed: BATCH_NOT_CLOSED,
    NotInBatch: NOT_IN_BATCH,
    PostedOnImpossible: POSTED_ON_IMPOSSIBLE,
    AlreadyHandedOver: ALREADY_HANDED_OVER,
    AlreadyHeld: ALREADY_HELD,
    AlreadyReleased: ALREADY_RELEASED,
    HoldUnknown: NotFound.kind,
    NeverPosted: NEVER_POSTED,
    ReturnedBeforePosting: RETURNED_BEFORE_POSTING,
    DigestDiffers: DIGEST_DIFFERS,
    NotTheSigner: NOT_THE_SIGNER,
    NotificationUnknown: NotFound.kind,
    NotRetrievedInTime: PROVISION_ENDED,
    NotRetrieved: NOT_RETRIEVED,
    WrongState: Conflict.kind,
}
"""What the chassis answers for exceptions of this service."""
