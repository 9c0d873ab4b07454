"""How placements are shown: to the office with what people said, to a town without."""

from datetime import date, datetime
from uuid import UUID

from kfi_allocation.api.proceedings_views import (
    CommunityView,
    DecisionView,
    DraftView,
    FamilyLetterView,
    FamilyView,
    HearingView,
    ObjectionView,
    RevisionView,
    View,
)
from kfi_allocation.domain.groups import Group, Procedure
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_due import WaitsFor
from kfi_allocation.domain.placement_permitted import permitted
from kfi_allocation.domain.placement_states import Action, State
from kfi_allocation.placement_list import Happened, PlacementLine
from kfi_chassis.identity import Principal
from kfi_contracts.letters import LetterContent


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
    letters: tuple[FamilyLetterView, ...]
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
            letters=tuple(map(FamilyLetterView.of, it.letters)),
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
