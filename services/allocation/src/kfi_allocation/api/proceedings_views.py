"""How what people said and wrote about a placement is shown to the office."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from kfi_allocation.domain.decision import Decision, Draft, LetterKind, SentLetter
from kfi_allocation.domain.hearing import CommunityHearing, FamilysAnswer, Hearing
from kfi_allocation.domain.objection import Objection, ObjectionReason
from kfi_allocation.domain.placement_record import Revision, RevisionReason
from kfi_allocation.domain.reasons import Reasons, TownCompared


class View(BaseModel):
    """What is shown."""


class RulingView(View):
    """What became of an objection."""

    upheld: bool
    ruled_on: date
    by: str
    explanation: str


class ObjectionView(View):
    """An objection; the explanation is in the town's own words."""

    ags: str
    reason: ObjectionReason
    explanation: str
    objected_on: date
    ruling: RulingView | None

    @classmethod
    def of(cls, it: Objection) -> "ObjectionView":
        """The objection."""
        ruling = it.ruling and RulingView(
            upheld=it.ruling.upheld, ruled_on=it.ruling.ruled_on, by=it.ruling.by, explanation=it.ruling.text
        )
        return cls(ags=it.ags, reason=it.reason, explanation=it.text, objected_on=it.objected_on, ruling=ruling)


class HearingView(View):
    """A hearing of the family about one town, and its answer."""

    ags: str
    asked_on: date
    answer_by: date
    letter_id: UUID
    answered_on: date | None
    wishes: tuple[str, ...]
    said: str | None
    lapsed_on: date | None

    @classmethod
    def of(cls, it: Hearing) -> "HearingView":
        """The hearing."""
        return cls(
            ags=it.ags, asked_on=it.asked_on, answer_by=it.answer_by, letter_id=it.letter_id, lapsed_on=it.lapsed_on,
            answered_on=it.answer and it.answer.received_on, wishes=it.answer.wishes if it.answer else (),
            said=it.answer and it.answer.text,
        )  # fmt: skip


class CommunityView(View):
    """What the Kultusgemeinde was asked about one town, and its answer."""

    ags: str
    asked_on: date
    answer_by: date
    answered_on: date | None
    supports: bool | None
    said: str

    @classmethod
    def of(cls, it: CommunityHearing) -> "CommunityView":
        """The hearing."""
        return cls(
            ags=it.ags, asked_on=it.asked_on, answer_by=it.answer_by, answered_on=it.answered_on,
            supports=it.supports, said=it.text,
        )  # fmt: skip


class FamilyView(View):
    """Whether the family of a coordinated procedure agrees to a town."""

    ags: str
    agrees: bool
    answered_on: date
    said: str

    @classmethod
    def of(cls, it: FamilysAnswer) -> "FamilyView":
        """The answer."""
        return cls(ags=it.ags, agrees=it.agrees, answered_on=it.answered_on, said=it.text)


class RevisionView(View):
    """A change of town."""

    from_ags: str
    to_ags: str
    reason: RevisionReason
    explanation: str
    by: str
    revised_on: date

    @classmethod
    def of(cls, it: Revision) -> "RevisionView":
        """The change."""
        return cls(
            from_ags=it.from_ags, to_ags=it.to_ags, reason=it.reason, explanation=it.text, by=it.by,
            revised_on=it.revised_on,
        )  # fmt: skip


class TownComparedView(View):
    """A town on the criteria of § 16 (2) TIntG; figures are exact costs of the policy, less is better."""

    ags: str
    obstacles: tuple[str, ...]
    relatives: str
    fit: str
    even_distribution: str
    total: str

    @classmethod
    def of(cls, it: TownCompared) -> "TownComparedView":
        """The town."""
        return cls(**{name: getattr(it, name) for name in cls.model_fields})


class ReasonsView(View):
    """The chosen town and the best alternatives, with what they were computed from."""

    run_id: UUID
    input_root: str
    policy_version: str
    chosen: TownComparedView
    alternatives: tuple[TownComparedView, ...]

    @classmethod
    def of(cls, it: Reasons) -> "ReasonsView":
        """The comparison."""
        return cls(
            run_id=it.run_id, input_root=it.input_root, policy_version=it.policy_version,
            chosen=TownComparedView.of(it.chosen),
            alternatives=tuple(TownComparedView.of(other) for other in it.alternatives),
        )  # fmt: skip


class DraftView(View):
    """What waits for a signature."""

    by: str
    drafted_on: date
    ags: str
    reasons: ReasonsView
    weighing: tuple[str, ...]
    reply_to_family: str | None
    reply_to_community: str | None

    @classmethod
    def of(cls, it: Draft) -> "DraftView":
        """The draft."""
        names = ("by", "drafted_on", "ags", "weighing", "reply_to_family", "reply_to_community")
        return cls(**{name: getattr(it, name) for name in names}, reasons=ReasonsView.of(it.reasons))


class DecisionView(View):
    """A signed decision and the days that decide on its finality."""

    id: UUID
    ags: str
    decided_on: date
    drafted_by: str
    signed_by: str
    letter_id: UUID
    letter_digest: str
    announced_on: date | None
    remedy_ends_on: date | None
    final_on: date | None

    @classmethod
    def of(cls, it: Decision) -> "DecisionView":
        """The decision."""
        return cls(**{name: getattr(it, name) for name in cls.model_fields})


class FamilyLetterView(View):
    """A letter to the family; `failed` is a code, and it can be ordered again."""

    id: UUID
    kind: LetterKind
    ordered_on: date
    failed: str | None

    @classmethod
    def of(cls, it: SentLetter) -> "FamilyLetterView":
        """The letter."""
        return cls(**{name: getattr(it, name) for name in cls.model_fields})
