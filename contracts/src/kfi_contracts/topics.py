"""The topics of the published language: their names, who sends and who reads them.

Partitions, retention and rights are no part of the language; they belong to the operator.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """One stream of events, ordered per subject. Services are named by their distribution's short name."""

    name: str
    description: str
    senders: tuple[str, ...]
    readers: tuple[str, ...]


APPLICATIONS: Final = Topic(
    name="applications.application.v1",
    description="What happens to an application for a grant; subject and key are the application's id.",
    senders=("applications",),
    readers=("notifications",),
)
PLACEMENTS: Final = Topic(
    name="allocation.placement.v1",
    description="What happens to the placement of a household; subject and key are the household's id.",
    senders=("allocation",),
    readers=("allocation", "notifications"),
)
PLANS: Final = Topic(
    name="allocation.plan.v1",
    description="Proven plans and published quota accounts; subject and key are the run's or the publication's id.",
    senders=("allocation",),
    readers=("allocation",),
)
ORDERS: Final = Topic(
    name="notifications.order.v1",
    description="Letters and e-mails ordered, with sealed content; only the notifications service may read it.",
    senders=("applications", "allocation"),
    readers=("notifications",),
)
NOTIFICATIONS: Final = Topic(
    name="notifications.notification.v1",
    description="What became of a notification; subject and key are the notification's id.",
    senders=("notifications",),
    readers=("applications", "allocation"),
)

ALL_TOPICS: Final = (APPLICATIONS, PLACEMENTS, PLANS, ORDERS, NOTIFICATIONS)

MUNICIPALITY: Final = Topic(
    name="municipality.{ags}.v1",
    description="What one town is told; subject and key are its AGS. Made when the town subscribes, read by it alone.",
    senders=("allocation",),
    readers=(),
)
"""One topic per town, named by its AGS; not among `ALL_TOPICS`, which exist by themselves."""
