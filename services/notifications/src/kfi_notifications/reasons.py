"""Why an order was parked by a rule of this service, for the operators' desk."""

from typing import Final

from kfi_chassis.desk.reasons import Explanation, Reasons

_CONTRADICTION: Final = Explanation(
    "an order for notifications that contradicts itself",
    "a fault of the ordering service: report it, discard. The letter is not sent",
)
REASONS: Final[Reasons] = {
    **dict.fromkeys(
        ("content_too_large", "template_version_too_large", "channel_does_not_fit_template",
         "channel_cannot_announce", "act_missing"),
        _CONTRADICTION,
    ),
    "ordered_before_with_another_content": Explanation(
        "the id of a notification came again with another content",
        "look for tampering or a restored database; discard",
    ),
    "restore:document_lost": Explanation(
        "after a restore: a letter that announces an act has left, and its file is neither in the database nor in the "
        "print spool",
        "keep the paper copy with the file; discard",
    ),
    "restore:retrieval_lost": Explanation(
        "after a restore: a letter in an inbox is announced, and the database has lost who retrieved it and at what "
        "time",
        "the day is known from the announcement; note the loss in the file; discard",
    ),
}  # fmt: skip
