"""What this service refuses, as problems of RFC 9457; each type has its page."""

from typing import Final

from kfi_chassis.http import DomainProblems
from kfi_chassis.problem import define
from kfi_chassis.problems import Conflict, NotFound
from kfi_law.errors import NotRetrievedInTime
from kfi_notifications.domain.notification import WrongState
from kfi_notifications.repository import NotificationUnknown
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

DOMAIN_PROBLEMS: Final[DomainProblems] = {
    NotificationUnknown: NotFound.kind,
    NotRetrievedInTime: PROVISION_ENDED,
    NotRetrieved: NOT_RETRIEVED,
    WrongState: Conflict.kind,
}
"""What the chassis answers for exceptions of this service."""
