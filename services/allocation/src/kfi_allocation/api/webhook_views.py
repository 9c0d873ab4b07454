"""What is said of a webhook and shown of it: its address and keys to the town alone."""

from datetime import datetime
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.api.town_doors import TOWN
from kfi_allocation.domain.doors.webhook import Ending, Endpoint, EndpointState
from kfi_allocation.doors.signatures import Scheme
from kfi_allocation.doors.webhooks import Logged, StoredKey
from kfi_chassis.identity import Principal

LATEST: Final = 2**63 - 1


class NewWebhook(BaseModel):
    """An endpoint of the town."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, Field(min_length=1, max_length=500, description="A public https address.")]
    contact: Annotated[
        str,
        Field(
            pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$",
            max_length=254,
            description="Who is told by e-mail when it is disabled; a mailbox of the office, not of a person.",
        ),
    ]
    signature: Annotated[
        Literal["v1", "v1a"], Field(description="v1: HMAC with a shared secret; v1a: Ed25519, you hold a public key.")
    ] = "v1"


class NewKey(BaseModel):
    """How requests are signed from now on."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    signature: Literal["v1", "v1a"] = "v1"


class Range(BaseModel):
    """Positions of the feed: the `sequence` of the first and of the last event."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    first: Annotated[int, Field(ge=1, le=LATEST)]
    last: Annotated[int, Field(ge=1, le=LATEST)]


class WebhookView(BaseModel):
    """How an endpoint stands."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    host: str
    url: Annotated[str | None, Field(description="The whole address; for the town alone.")]
    state: EndpointState
    ending: Annotated[Ending | None, Field(description="Why it is disabled.")]
    position: Annotated[int, Field(description="The `sequence` of the last event that was dealt with.")]
    failures: Annotated[int, Field(description="How often the next event has failed.")]
    next_attempt_at: datetime | None
    failing_since: datetime | None
    replaying: Range | None
    actions: list[str]

    @classmethod
    def of(cls, endpoint: Endpoint, reader: Principal) -> "WebhookView":
        """The view of an endpoint for somebody."""
        is_town, active = TOWN in reader.roles, endpoint.state is EndpointState.ACTIVE
        known = ("id", "state", "ending", "position", "failures", "failing_since")
        allowed = ["activation", "deactivation", "replay"] if active else ["activation"]
        return cls(
            **{name: getattr(endpoint, name) for name in known},
            host=urlsplit(endpoint.url).hostname or "",
            url=endpoint.url if is_town else None,
            next_attempt_at=endpoint.due_at,
            replaying=_range(endpoint),
            actions=allowed if is_town else [],
        )


class KeyView(BaseModel):
    """A key that signs now: the shared secret (whsec_) or the public key (whpk_)."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    signature: Scheme
    key: str
    created_at: datetime
    ends_at: Annotated[datetime | None, Field(description="A replaced key signs until then.")]

    @classmethod
    def of(cls, stored: StoredKey) -> "KeyView":
        """The view of a key."""
        return cls(
            id=stored.id,
            signature=stored.key.scheme,
            key=stored.key.told,
            created_at=stored.created_at,
            ends_at=stored.ends_at,
        )


class DeliveryAttemptView(BaseModel):
    """One attempt of the delivery log."""

    model_config = ConfigDict(frozen=True)

    position: int
    event_id: UUID
    replay: bool
    outcome: str
    status: int | None
    milliseconds: int
    what_follows: str
    at: datetime

    @classmethod
    def of(cls, logged: Logged) -> "DeliveryAttemptView":
        """The view of an attempt."""
        return cls(**{name: getattr(logged, name) for name in cls.model_fields})


def _range(endpoint: Endpoint) -> Range | None:
    if endpoint.replay_next is None or endpoint.replay_through is None:
        return None
    return Range(first=endpoint.replay_next, last=endpoint.replay_through)
