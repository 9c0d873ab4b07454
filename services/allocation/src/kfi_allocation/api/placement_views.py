"""How placements are shown: to the office with what people said, to a town without."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from kfi_allocation.domain.decision import Decision, Draft, LetterKind, SentLetter
from kfi_allocation.domain.groups import Group, Procedure
from kfi_allocation.domain.hearing import CommunityHearing, FamilysAnswer, Hearing
from kfi_allocation.domain.objection import Objection, ObjectionReason
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_due import WaitsFor
from kfi_allocation.domain.placement_permitted import permitted
from kfi_allocation.domain.placement_record import Revision, RevisionReason
from kfi_allocation.domain.placement_states import Action, State
from kfi_allocation.domain.reasons import Reasons, TownCompared
from kfi_allocation.placement_list import Happened, PlacementLine
from kfi_chassis.identity import Principal
from kfi_contracts.letters import LetterContent


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


class LetterView(View):
    """A letter to the family; `failed` is a code, and it can be ordered again."""

    id: UUID
    kind: LetterKind
    ordered_on: date
    failed: str | None

    @classmethod
    def of(cls, it: SentLetter) -> "LetterView":
        """The letter."""
        return cls(**{name: getattr(it, name) for name in cls.model_fields})


class PlacementView(View):
    """A placement with what people said, and what this person may do now."""

    id: UUID
    list_id: UUID
    group: Group
    procedure: Procedure
    persons: int
    arrival_on: date | None
    state: State
    version: int
    run_id: UUID | None
    ags: str | None
    proposed_on: date | None
    object_until: date | None
    town_agreed_on: date | None
    needs_another_town: bool
    excluded: tuple[str, ...]
    fixed: bool
    agreed_on: date | None
    arrived_on: date | None
    cancelled_on: date | None
    erased_on: date | None
    waits_for: WaitsFor | None
    due_on: date | None
    objections: tuple[ObjectionView, ...]
    revisions: tuple[RevisionView, ...]
    hearings: tuple[HearingView, ...]
    communities: tuple[CommunityView, ...]
    family_answers: tuple[FamilyView, ...]
    draft: DraftView | None
    decisions: tuple[DecisionView, ...]
    letters: tuple[LetterView, ...]
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, it: Placement, reader: Principal) -> "PlacementView":
        """The placement for this reader."""
        said = it.proceedings
        apart = {
            "objections", "revisions", "hearings", "communities", "family_answers", "draft", "decisions", "letters",
            "actions",
        }  # fmt: skip
        plain = {name: getattr(it, name) for name in cls.model_fields if name not in apart}
        return cls(
            **plain,
            objections=tuple(map(ObjectionView.of, said.objections)),
            revisions=tuple(map(RevisionView.of, said.revisions)),
            hearings=tuple(map(HearingView.of, said.hearings)),
            communities=tuple(map(CommunityView.of, said.communities)),
            family_answers=tuple(map(FamilyView.of, said.family)),
            draft=said.draft and DraftView.of(said.draft),
            decisions=tuple(map(DecisionView.of, it.decisions)),
            letters=tuple(map(LetterView.of, it.letters)),
            actions=permitted(it, person=reader.person, roles=reader.roles),
        )


class PlacementLineView(View):
    """A placement in a list, without what people said."""

    id: UUID
    list_id: UUID
    group: Group
    persons: int
    arrival_on: date | None
    state: State
    run_id: UUID | None
    ags: str | None
    proposed_on: date | None
    object_until: date | None
    objected_on: date | None
    waits_for: WaitsFor | None
    due_on: date | None
    version: int

    @classmethod
    def of(cls, it: PlacementLine) -> "PlacementLineView":
        """The line."""
        plain = {name: getattr(it, name) for name in cls.model_fields if name != "group"}
        return cls(**plain, group=Group(it.group_code))


class TownPlacementView(View):
    """What a town sees of a placement: its own part, no other town's and nothing of what the family said."""

    household_id: UUID
    state: State
    persons: int
    arrival_on: date | None
    object_until: date | None
    town_agreed_on: date | None
    objections: tuple[ObjectionView, ...]
    version: int
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, it: Placement, reader: Principal) -> "TownPlacementView":
        """The placement for its town."""
        own = tuple(ObjectionView.of(each) for each in it.proceedings.objections if each.ags == it.ags)
        return cls(
            household_id=it.id, state=it.state, persons=it.persons, arrival_on=it.arrival_on,
            object_until=it.object_until, town_agreed_on=it.town_agreed_on, objections=own, version=it.version,
            actions=permitted(it, person=reader.person, roles=reader.roles),
        )  # fmt: skip


class LetterContentView(View):
    """The letter that a signature would send, and the digest to sign."""

    digest: str
    content: LetterContent


class HistoryLine(View):
    """One change of the placement or one look at it; the reason is a code."""

    number: int
    recorded_at: datetime
    action: str
    person: str
    reason: str | None
    version: int
    details: dict[str, str]

    @classmethod
    def of(cls, it: Happened) -> "HistoryLine":
        """The line of a row."""
        return cls(**{name: getattr(it, name) for name in cls.model_fields})
