"""Somebody looks at a letter before it exists: set by the press that sets the real one, and not kept anywhere."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from typing import Final

from kfi_chassis.identity import Principal
from kfi_contracts.letters import LetterContent, content_bytes, content_digest
from kfi_notifications.domain.duties import OFFICES, service_of
from kfi_notifications.press import Press
from kfi_notifications.typesetting import Document

_WITHOUT_ACT: Final = frozenset(
    {"receipt-acknowledgement", "information-request", "allocation-hearing", "placement-agreement"}
)
"""Letters that whoever prepares them writes; what announces an act is signed by a signatory."""


class DigestDiffers(Exception):
    """The digest is not that of the content: what would be signed is not what would be seen."""


class NotTheSigner(Exception):
    """Only whoever signs a letter sees it without the mark of a draft."""


@dataclass(frozen=True)
class Preview:
    """A letter as it would be today; without the mark of a draft these are the very bytes that would leave."""

    document: Document
    digest: str
    """What a signature covers: SHA-256 of the content."""
    dated_on: date
    is_draft: bool


async def preview(content: LetterContent, *, signing: str | None, by: Principal, press: Press, today: date) -> Preview:
    """Set a letter as it would leave today, as a draft unless `signing` is the digest that the person signs now.

    Raises DigestDiffers, NotTheSigner, and whatever keeps a letter from being set.
    """
    digest = content_digest(content_bytes(content))
    if signing is not None:
        if signing != digest:
            raise DigestDiffers
        if not _is_signed_by(content, by):
            raise NotTheSigner
    document = await press.print(content, dated_on=today, draft=signing is None)
    return Preview(document, digest, today, is_draft=signing is None)


def _is_signed_by(content: LetterContent, by: Principal) -> bool:
    """The name under the letter is that of the person, whose duty it is to sign such letters."""
    facts, duties = content.facts, _duties(content)
    named = getattr(facts, "decided_by_name", None) or getattr(facts, "written_by_name", None)
    return named is not None and named == by.name and not duties.isdisjoint(by.roles)


def _duties(content: LetterContent) -> Set[str]:
    kind = content.facts.kind
    office = OFFICES[service_of(kind)]
    return office.staff if kind in _WITHOUT_ACT else {office.signatory}
