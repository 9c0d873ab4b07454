"""What a placement is made of, and the one way in which it moves: by the table of states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_allocation.domain.decision import Decision, Draft, SentLetter, SignedPaper
from kfi_allocation.domain.errors import DateNotPossible, WrongState
from kfi_allocation.domain.groups import Group, Procedure, group_on
from kfi_allocation.domain.happenings import Happening
from kfi_allocation.domain.hearing import CommunityHearing, FamilysAnswer, Hearing
from kfi_allocation.domain.objection import Objection
from kfi_allocation.domain.placement_states import Action, State, targets


class RevisionReason(StrEnum):
    """Why another town is named."""

    OBJECTION_UPHELD = "objection-upheld"
    RECEPTION_STOPPED = "reception-stopped"
    CAPACITY_CHANGED = "capacity-changed"
    OFFER_LOST = "offer-lost"
    HOUSEHOLD_CHANGED = "household-changed"
    HOUSEHOLD_CANCELLED = "household-cancelled"
    HEARING = "hearing"
    OVERRIDDEN = "overridden"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of town; ``text`` is the planner's reason where a person and no plan changed it."""

    from_ags: str
    to_ags: str
    reason: RevisionReason
    by: str
    revised_on: date
    text: str = ""


@dataclass(frozen=True, slots=True)
class Proceedings:
    """What people said and wrote about the household; personal, and gone with its erasure."""

    hearings: tuple[Hearing, ...] = ()
    communities: tuple[CommunityHearing, ...] = ()
    family: tuple[FamilysAnswer, ...] = ()
    objections: tuple[Objection, ...] = ()
    revisions: tuple[Revision, ...] = ()
    draft: Draft | None = None
    papers: tuple[SignedPaper, ...] = ()


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step, for the audit: codes, ids and dates only."""

    action: Action
    source: State | None
    target: State
    reason: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass
class PlacementRecord:
    """The facts of a placement and its state; what the table of states does not allow is refused with ``WrongState``.

    ``id`` is the household's. ``version`` counts saves (it is the ETag), ``sequence`` the published events. ``steps``
    and ``happened`` collect what this transaction did. ``ags`` is the town of now, ``excluded`` are towns whose
    objection was upheld, ``fixed`` says that a planner and no plan named the town. ``town_agreed_on`` is the day of the
    town's yes, or of the end of its period without an objection. ``group_law_of`` is the day whose law of groups holds.
    """

    id: UUID
    list_id: UUID
    group: Group
    persons: int
    arrival_on: date | None
    announced_on: date
    state: State = State.ANNOUNCED
    version: int = 0
    sequence: int = 0
    run_id: UUID | None = None
    ags: str | None = None
    proposed_on: date | None = None
    object_until: date | None = None
    town_agreed_on: date | None = None
    excluded: tuple[str, ...] = ()
    fixed: bool = False
    agreed_on: date | None = None
    arrived_on: date | None = None
    cancelled_on: date | None = None
    decisions: tuple[Decision, ...] = ()
    letters: tuple[SentLetter, ...] = ()
    waits_for: str | None = None
    due_on: date | None = None
    erased_on: date | None = None
    proceedings: Proceedings = field(default_factory=Proceedings)
    steps: list[StepTaken] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)

    @property
    def procedure(self) -> Procedure:
        """Coordinated or decided, by the law of the day of the announcement."""
        return group_on(self.group, self.announced_on).procedure

    @property
    def decision(self) -> Decision | None:
        """The decision in force; after a revision it stays the last one until the next is signed."""
        return self.decisions[-1] if self.decisions else None

    @property
    def open_objection(self) -> Objection | None:
        """The objection nobody has decided about."""
        return next((o for o in self.proceedings.objections if o.ruling is None), None)

    @property
    def needs_another_town(self) -> bool:
        """Whether the objection of its town was upheld and no plan has named another yet."""
        return self.ags in self.excluded

    @property
    def hearing(self) -> Hearing | None:
        """The hearing about the town of now."""
        return next((h for h in reversed(self.proceedings.hearings) if h.ags == self.ags), None)

    @property
    def community(self) -> CommunityHearing | None:
        """What the community was asked about the town of now."""
        return next((c for c in reversed(self.proceedings.communities) if c.ags == self.ags), None)

    @property
    def familys_answer(self) -> FamilysAnswer | None:
        """The family's last word on the town of now, in a coordinated procedure."""
        return next((a for a in reversed(self.proceedings.family) if a.ags == self.ags), None)

    def town(self, action: Action) -> str:
        """The town of now. Raises WrongState when none is named."""
        if self.ags is None:
            raise self._wrong_state(action)
        return self.ags

    def _move(
        self,
        action: Action,
        target: State | None = None,
        *,
        reason: str | None = None,
        details: Mapping[str, str] | None = None,
    ) -> None:
        to = self.state if target is None else target
        if to not in targets(action, self.state, self.procedure):
            raise self._wrong_state(action)
        self.steps.append(StepTaken(action, self.state, to, reason, dict(details or {})))
        self.state = to

    def _must_allow(self, action: Action) -> None:
        if not targets(action, self.state, self.procedure):
            raise self._wrong_state(action)

    def _wrong_state(self, action: Action) -> WrongState:
        return WrongState(
            f"The placement is {self.state}; {action} is not possible there.",
            fix="Read it again; it lists the actions that are allowed now.",
        )

    @staticmethod
    def _must_lie_between(field_name: str, day: date, first: date, last: date) -> None:
        if not first <= day <= last:
            raise DateNotPossible(
                f"The day must lie between {first} and {last}.", fix="Correct the date.", field=field_name
            )
