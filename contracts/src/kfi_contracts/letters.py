"""What is inside a sealed order: the facts of a letter, complete, so that the signed content is the sent content.

Orderer and notifications service share these models. The content is read strictly: a fact that the reader does not
know would be missing in the letter, so it is refused instead of ignored. The digest is always taken over the bytes as
they were sealed, never over a model that was read and written again.
"""

import hashlib
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from kfi_contracts.addressees import Addressee, AnyAddressee, FamilyAddressee, MailAddressee
from kfi_contracts.allocation_letters import (
    AllocationDecisionFacts,
    AllocationHearingFacts,
    MunicipalityNoticeFacts,
    PlacementAgreementFacts,
    WebhookDisabledFacts,
)
from kfi_contracts.applications import Outcome, YearAmount
from kfi_contracts.codes import Code, FileNumber, Language
from kfi_contracts.money import Money, exact_amount
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_contracts.sealed_part import Line, SealedPart, Sentences
from kfi_contracts.strict_json import write_canonical


def exact_percentage(value: object) -> Decimal:
    """Accept 0 to 100 with at most two decimals, ``Decimal`` or text; raises ``ValueError`` otherwise."""
    percentage = exact_amount(value)
    if percentage > 100:
        raise ValueError("a percentage is at most 100.00")
    return percentage


Percentage = Annotated[
    Decimal,
    BeforeValidator(exact_percentage),
    PlainSerializer(lambda percentage: f"{percentage:.2f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^(100\.00|[1-9]?[0-9]\.[0-9]{2})$", "examples": ["80.00"]}),
]
"""Per cent, not a fraction: 80.00 is four fifths; in JSON a text with two decimals."""


class FinancingType(StrEnum):
    """How a grant is measured (Finanzierungsart): the four kinds that Nr. 2.2 VV zu § 44 LHO knows."""

    SHARE = "share"
    DEFICIT = "deficit"
    FIXED_AMOUNT = "fixed_amount"
    FULL = "full"


def _is_by_share(financing: FinancingType) -> bool:
    return financing is FinancingType.SHARE


def _is_nothing(value: object) -> bool:
    return value is None


class FinanceLine(SealedPart):
    """One line of the financing plan."""

    label: Line
    amount: Money


class GrantDecisionFacts(SealedPart):
    """The facts of a grant, whole or in part (Zuwendungsbescheid).

    Share financing is not written down: a letter by a share has the bytes it had before there were other kinds, so that
    a reader of the first revision still reads it. Template version 1 is for shares alone.
    """

    kind: Literal["grant-decision"] = "grant-decision"
    programme_title: Line
    project_title: Line
    period_from: date
    period_to: date
    outcome: Literal[Outcome.GRANTED, Outcome.GRANTED_IN_PART]
    requested_amount: Money
    granted_amount: Money
    eligible_total: Money
    rate: Percentage
    own_share: Money
    civic_work_recognised: Money
    years: tuple[YearAmount, ...]
    finance_lines: tuple[FinanceLine, ...]
    reasons: tuple[Sentences, ...]
    conditions: tuple[Sentences, ...]
    decided_by_name: Line | None = None
    legal_basis: tuple[Line, ...]
    financing: Annotated[FinancingType, Field(exclude_if=_is_by_share)] = FinancingType.SHARE


class GrantRejectionFacts(SealedPart):
    """The facts of a rejection (Ablehnungsbescheid)."""

    kind: Literal["grant-rejection"] = "grant-rejection"
    programme_title: Line
    project_title: Line
    requested_amount: Money
    reasons: Annotated[tuple[Sentences, ...], Field(min_length=1)]
    decided_by_name: Line | None = None
    legal_basis: tuple[Line, ...]


class MessageWaitsFacts(SealedPart):
    """A message waits in the applicant's inbox; deliberately nothing about what it says."""

    kind: Literal["message-waits"] = "message-waits"


Facts = Annotated[
    GrantDecisionFacts
    | GrantRejectionFacts
    | MessageWaitsFacts
    | ReceiptAcknowledgementFacts
    | InformationRequestFacts
    | GrantCorrectionFacts
    | AllocationHearingFacts
    | AllocationDecisionFacts
    | PlacementAgreementFacts
    | MunicipalityNoticeFacts
    | WebhookDisabledFacts,
    Field(discriminator="kind"),
]


FAMILY_KINDS: Final = frozenset({"allocation-hearing", "allocation-decision", "placement-agreement"})
"""Letters to a family; whatever is neither theirs nor an e-mail to a mailbox goes to an organisation."""
MAILBOX_KINDS: Final = frozenset({"municipality-notice", "webhook-disabled"})
"""E-mails to whoever is reached in no other way."""
EMAIL_KINDS: Final = MAILBOX_KINDS | {"message-waits"}
"""What leaves as an e-mail; everything else is a letter."""


class Summary(SealedPart):
    """A summary in another language that is added to a letter: which, and the version of its sentences.

    The German letter alone counts; the sentences belong to the notifications service, so that an orderer names them
    and never writes them.
    """

    language: Language
    version: Annotated[int, Field(ge=1)]


class LetterContent(SealedPart):
    """Everything the notifications service needs to write one letter or e-mail.

    The template is named like the kind of facts it renders. No summary is not written down: such a letter has the
    bytes it had before there were summaries.
    """

    revision: ClassVar[int] = 4

    template: Code
    template_version: Annotated[int, Field(ge=1)]
    language: Language
    addressee: AnyAddressee
    reference: FileNumber
    facts: Facts
    summary: Annotated[Summary | None, Field(exclude_if=_is_nothing)] = None

    @model_validator(mode="after")
    def _goes_to_whom_it_is_for(self) -> Self:
        if type(self.addressee) is not _addressee_of(self.facts.kind):
            raise ValueError("facts of this kind are for another kind of addressee")
        return self

    @model_validator(mode="after")
    def _template_renders_these_facts(self) -> Self:
        if self.template != self.facts.kind:
            raise ValueError("the template does not render facts of this kind")
        if (
            self.template_version == 1
            and getattr(self.facts, "financing", FinancingType.SHARE) is not FinancingType.SHARE
        ):
            raise ValueError("version 1 of the template knows share financing alone")
        return self


def _addressee_of(kind: str) -> type[AnyAddressee]:
    if kind in FAMILY_KINDS:
        return FamilyAddressee
    return MailAddressee if kind in MAILBOX_KINDS else Addressee


def content_bytes(content: LetterContent) -> bytes:
    """Write canonical JSON: keys sorted, no spaces, UTF-8, amounts as text. Equal content gives equal bytes."""
    return write_canonical(content.model_dump(mode="json"))


def content_digest(content: bytes) -> str:
    """Digest the bytes to be sealed, or the bytes just opened: SHA-256 in hexadecimal. The signer signs this."""
    return hashlib.sha256(content).hexdigest()


def read_content(content: bytes) -> LetterContent:
    """Read opened content strictly; raises ``pydantic.ValidationError`` on anything missing, malformed or unknown."""
    return LetterContent.model_validate_json(content)
