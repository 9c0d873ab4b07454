"""The facts of the letters about the town of a household, and of the e-mails to towns."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kfi_contracts.codes import Ags, Code, Sha256
from kfi_contracts.sealed_part import Line, SealedPart, Sentences

Points = Annotated[str, StringConstraints(pattern=r"^(0|-?[1-9][0-9]{0,11}(/[1-9][0-9]{0,11})?)$")]
"""An exact figure of the policy's scale, whole or as a fraction: "40", "-160/3"; less is better, also below nothing."""


class PersonNamed(SealedPart):
    """A person whom the letter is about."""

    name: Line
    born_on: date | None = None


class Assessed(SealedPart):
    """What was found for a town on one criterion: a sentence, and the figure it had in the plan."""

    finding: Sentences
    points: Points


class TownCompared(SealedPart):
    """A town on the four criteria of § 16 (2) TIntG, in their order there."""

    ags: Ags
    name: Line
    reception: Sentences
    """Nr. 1, the reception situation: whether and why not the household can be taken there."""
    relatives: Assessed
    """Nr. 2, relatives and the wish for a place."""
    integration: Assessed
    """Nr. 3, integration, care and work on the spot."""
    even_distribution: Assessed
    """Nr. 4, even distribution in the state."""
    total: Points


class HearingStated(SealedPart):
    """What came of the hearing (§ 28 VwVfG NRW): what the family said, and what is answered to it."""

    asked_on: date
    answer_by: date
    answered_on: date | None = None
    said: Sentences | None = None
    reply: Sentences | None = None

    @model_validator(mode="after")
    def _an_answer_is_answered(self) -> Self:
        if (self.answered_on is None) != (self.said is None) or (self.said is None) != (self.reply is None):
            raise ValueError("an answer has its day, its words and a reply, and without an answer there is none")
        return self


class CommunityStated(SealedPart):
    """What the Jewish community (Kultusgemeinde) said when it was asked."""

    asked_on: date
    answered_on: date | None = None
    supports: bool | None = None
    reply: Sentences | None = None

    @model_validator(mode="after")
    def _an_answer_is_answered(self) -> Self:
        if (self.answered_on is None) != (self.supports is None) or (self.supports is None) != (self.reply is None):
            raise ValueError("an answer has its day, its direction and a reply, and without an answer there is none")
        return self


class PlanStated(SealedPart):
    """The proven plan on whose frozen input the comparison rests."""

    run_id: UUID
    input_root: Sha256
    policy_version: Code


class AllocationHearingFacts(SealedPart):
    """The facts of a hearing (Anhörung): which town is meant, why, and by when the family may answer."""

    kind: Literal["allocation-hearing"] = "allocation-hearing"
    group_title: Line
    persons: Annotated[tuple[PersonNamed, ...], Field(max_length=100)]
    """Those who are known by name; the letter is about all of the household."""
    person_count: Annotated[int, Field(ge=1, le=100)]
    town: Line
    arrival_on: date | None = None
    considered: tuple[Sentences, ...] = ()
    """What speaks for the town so far."""
    answer_by: date
    notices: tuple[Sentences, ...] = ()
    """What the office adds to every such letter."""
    legal_basis: Annotated[tuple[Line, ...], Field(min_length=1)]
    written_by_name: Line | None = None


class AllocationDecisionFacts(SealedPart):
    """The facts of an allocation (Zuweisungsbescheid), with its individual reasons.

    The chosen town is compared with the best alternatives on each criterion; a decision without a comparison, or one
    that compares a town with itself, is none.
    """

    kind: Literal["allocation-decision"] = "allocation-decision"
    group_title: Line
    persons: Annotated[tuple[PersonNamed, ...], Field(max_length=100)]
    person_count: Annotated[int, Field(ge=1, le=100)]
    arrival_on: date | None = None
    chosen: TownCompared
    alternatives: Annotated[tuple[TownCompared, ...], Field(min_length=1, max_length=3)]
    plan: PlanStated
    weighing: tuple[Sentences, ...] = ()
    """What the planner weighed beside the figures."""
    hearing: HearingStated
    community: CommunityStated | None = None
    replaces_decision_of: date | None = None
    """The day of the earlier decision about another town that this one replaces."""
    notices: tuple[Sentences, ...] = ()
    """What the office says to every such decision, such as how long it binds."""
    effect_of_action: Sentences | None = None
    """Whether an action has suspensive effect, where the office has decided what it says about that."""
    decided_by_name: Line | None = None
    legal_basis: Annotated[tuple[Line, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _towns_differ(self) -> Self:
        towns = [self.chosen.ags, *(other.ags for other in self.alternatives)]
        if len(set(towns)) < len(towns):
            raise ValueError("a town is compared with others, and with each of them once")
        return self


class PlacementAgreementFacts(SealedPart):
    """The facts of a confirmation that family and town agree (§ 16 (2) TIntG); it is no act and orders nothing."""

    kind: Literal["placement-agreement"] = "placement-agreement"
    group_title: Line
    persons: Annotated[tuple[PersonNamed, ...], Field(max_length=100)]
    person_count: Annotated[int, Field(ge=1, le=100)]
    town: Line
    arrival_on: date | None = None
    agreed_on: date
    notices: tuple[Sentences, ...] = ()
    legal_basis: Annotated[tuple[Line, ...], Field(min_length=1)]
    written_by_name: Line | None = None


class NoticeOccasion(StrEnum):
    """Why a town is told to look behind the gateway."""

    PROPOSED = "proposed"
    REVISED = "revised"
    CANCELLED = "cancelled"
    SETTLED = "settled"


class MunicipalityNoticeFacts(SealedPart):
    """Something waits for a town; deliberately no person, no number of persons and no day of arrival.

    The last day for an objection is told where one runs, because a mail that is read too late would cost it.
    """

    kind: Literal["municipality-notice"] = "municipality-notice"
    town: Line
    occasion: NoticeOccasion
    placements: Annotated[int, Field(ge=1)]
    """How many placements it is about."""
    object_until: date | None = None

    @model_validator(mode="after")
    def _what_can_be_objected_to_has_a_last_day(self) -> Self:
        if (self.object_until is None) != (self.occasion in {NoticeOccasion.CANCELLED, NoticeOccasion.SETTLED}):
            raise ValueError("a town may object to what is proposed or revised, and to nothing else")
        return self


class WebhookDisabledFacts(SealedPart):
    """A town's endpoint took nothing for days and gets nothing more; what waits stays in the feed."""

    kind: Literal["webhook-disabled"] = "webhook-disabled"
    town: Line
    endpoint_id: UUID
    endpoint_host: Line
    """The host alone: the rest of the address may be a secret."""
    failing_since: date
    disabled_on: date
