"""The states of a household's placement and the steps between them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kfi_allocation.domain.groups import Procedure


class State(StrEnum):
    """Where a placement stands."""

    ANNOUNCED = "announced"
    PROPOSED = "proposed"
    HEARD = "heard"
    READY = "ready"
    DECIDED = "decided"
    AGREED = "agreed"
    ARRIVED = "arrived"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What moves a placement, or is recorded without moving it."""

    ANNOUNCE = "announce"
    AMEND = "amend"
    CANCEL = "cancel"
    PROPOSE = "propose"
    REVISE = "revise"
    OBJECT = "object"
    UPHOLD_OBJECTION = "uphold-objection"
    REJECT_OBJECTION = "reject-objection"
    RECORD_TOWNS_AGREEMENT = "record-towns-agreement"
    END_OBJECTION_PERIOD = "end-objection-period"
    RECORD_FAMILYS_ANSWER = "record-familys-answer"
    ORDER_HEARING = "order-hearing"
    RECORD_HEARING = "record-hearing"
    END_HEARING_PERIOD = "end-hearing-period"
    ASK_COMMUNITY = "ask-community"
    RECORD_COMMUNITYS_ANSWER = "record-communitys-answer"
    DRAFT = "draft"
    RETURN_DRAFT = "return-draft"
    SIGN = "sign"
    RECORD_ANNOUNCEMENT = "record-announcement"
    END_REMEDY_PERIOD = "end-remedy-period"
    RECORD_FAILED_LETTER = "record-failed-letter"
    RECORD_RETURNED_LETTER = "record-returned-letter"
    ORDER_LETTER_AGAIN = "order-letter-again"
    CONFIRM_ARRIVAL = "confirm-arrival"
    RECORD_MOVE = "record-move"
    RECORD_CHANGE = "record-change"
    ERASE = "erase"


class Mover(StrEnum):
    """Who may move a placement; the values of people are the roles of their access tokens."""

    PLANNER = "allocation-planner"
    SIGNATORY = "allocation-signatory"
    MUNICIPALITY = "municipality"
    NOTIFICATIONS = "notifications"
    CALENDAR = "calendar"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed step: from where, to where, by whom, the guard as a sentence; ``only_in`` names its procedure."""

    action: Action
    source: State | None
    target: State
    movers: tuple[Mover, ...]
    guard: str = ""
    only_in: Procedure | None = None


_PLANNER: Final = (Mover.PLANNER,)
_SIGNATORY: Final = (Mover.SIGNATORY,)
_CALENDAR: Final = (Mover.CALENDAR,)
_NOTIFICATIONS: Final = (Mover.NOTIFICATIONS,)
_TOWN_OR_PLANNER: Final = (Mover.MUNICIPALITY, Mover.PLANNER)

UNDER_WAY: Final = (State.PROPOSED, State.HEARD, State.READY)
"""A town is named and nothing is settled."""
SETTLED: Final = (State.AGREED, State.DECIDED)
"""The town is the household's, and it has not arrived."""
ARRIVED: Final = (State.ARRIVED, State.MOVED)
"""The household lives there or has lived there."""
BEFORE_ARRIVAL: Final = (State.ANNOUNCED, *UNDER_WAY, *SETTLED)
ENDED: Final = frozenset({State.CANCELLED, *ARRIVED})
"""Where nobody of the procedure has anything more to do."""


def _staying(
    action: Action,
    states: tuple[State, ...],
    movers: tuple[Mover, ...],
    guard: str = "",
    only_in: Procedure | None = None,
) -> tuple[Transition, ...]:
    return tuple(Transition(action, state, state, movers, guard, only_in) for state in states)


def _to(
    action: Action,
    states: tuple[State, ...],
    target: State,
    movers: tuple[Mover, ...],
    guard: str = "",
    only_in: Procedure | None = None,
) -> tuple[Transition, ...]:
    return tuple(Transition(action, state, target, movers, guard, only_in) for state in states)


_LISTS: Final = (
    Transition(Action.ANNOUNCE, None, State.ANNOUNCED, _PLANNER, "a row of an imported list"),
    *_staying(Action.AMEND, (State.ANNOUNCED, State.PROPOSED, State.HEARD), _PLANNER),
    Transition(Action.AMEND, State.READY, State.HEARD, _PLANNER, "the draft was about other facts"),
    *_staying(Action.AMEND, SETTLED, _PLANNER, "the day of arrival; other persons need a revision"),
    *_to(Action.CANCEL, BEFORE_ARRIVAL, State.CANCELLED, _PLANNER),
)
_TOWNS: Final = (
    Transition(Action.PROPOSE, State.ANNOUNCED, State.PROPOSED, _PLANNER, "a planner accepted a proven plan"),
    *_to(Action.REVISE, (*UNDER_WAY, *SETTLED), State.PROPOSED, _PLANNER, "another town, with a reason"),
    *_staying(Action.OBJECT, UNDER_WAY, _TOWN_OR_PLANNER, "this town, within its period, with a reason"),
    *_to(Action.UPHOLD_OBJECTION, UNDER_WAY, State.PROPOSED, _PLANNER, "the next plan excludes the town"),
    *_staying(Action.REJECT_OBJECTION, UNDER_WAY, _PLANNER, "with a reason"),
    *_staying(Action.RECORD_TOWNS_AGREEMENT, UNDER_WAY, _TOWN_OR_PLANNER, "no objection is open"),
    *_staying(Action.END_OBJECTION_PERIOD, UNDER_WAY, _CALENDAR, "its last day has passed"),
)
_COORDINATED: Final = (
    *_to(
        Action.RECORD_FAMILYS_ANSWER, (State.PROPOSED,), State.PROPOSED, _PLANNER, "the town has not agreed yet",
        Procedure.COORDINATED,
    ),
    *(
        Transition(action, State.PROPOSED, State.AGREED, movers, "family and town agree", Procedure.COORDINATED)
        for action, movers in (
            (Action.RECORD_FAMILYS_ANSWER, _PLANNER),
            (Action.RECORD_TOWNS_AGREEMENT, _TOWN_OR_PLANNER),
            (Action.END_OBJECTION_PERIOD, _CALENDAR),
            (Action.REJECT_OBJECTION, _PLANNER),
        )
    ),
)  # fmt: skip
_DECIDED: Final = tuple(
    Transition(step.action, step.source, step.target, step.movers, step.guard, Procedure.DECIDED)
    for step in (
        Transition(Action.ORDER_HEARING, State.PROPOSED, State.PROPOSED, _PLANNER, "by letter, with a day to answer"),
        Transition(Action.RECORD_HEARING, State.PROPOSED, State.HEARD, _PLANNER, "the family was asked"),
        Transition(Action.RECORD_HEARING, State.HEARD, State.HEARD, _PLANNER, "also late"),
        Transition(Action.RECORD_HEARING, State.READY, State.HEARD, _PLANNER, "also late; the draft has to answer it"),
        Transition(Action.END_HEARING_PERIOD, State.PROPOSED, State.HEARD, _CALENDAR, "nobody answered in time"),
        *_staying(Action.ASK_COMMUNITY, (State.PROPOSED, State.HEARD), _PLANNER, "the group has a Kultusgemeinde"),
        *_staying(Action.RECORD_COMMUNITYS_ANSWER, (State.PROPOSED, State.HEARD), _PLANNER, "it was asked"),
        Transition(Action.RECORD_COMMUNITYS_ANSWER, State.READY, State.HEARD, _PLANNER, "also late"),
        *_to(Action.DRAFT, (State.HEARD, State.READY), State.READY, _PLANNER, "individual reasons; all were heard"),
        Transition(Action.RETURN_DRAFT, State.READY, State.HEARD, _SIGNATORY, "another person than drafted"),
        Transition(Action.SIGN, State.READY, State.DECIDED, _SIGNATORY, "another person than drafted, digest seen"),
    )
)
_LETTERS: Final = (
    *_staying(Action.RECORD_ANNOUNCEMENT, tuple(State), _NOTIFICATIONS),
    *_staying(Action.END_REMEDY_PERIOD, tuple(State), _NOTIFICATIONS),
    *_staying(Action.RECORD_FAILED_LETTER, tuple(State), _NOTIFICATIONS, "a person looks after it"),
    *_staying(Action.RECORD_RETURNED_LETTER, tuple(State), _NOTIFICATIONS, "a person looks for the address"),
    *_staying(Action.ORDER_LETTER_AGAIN, (*UNDER_WAY, *SETTLED, *ARRIVED), _PLANNER, "the letter failed or came back"),
)
_AFTERWARDS: Final = (
    *_to(Action.CONFIRM_ARRIVAL, SETTLED, State.ARRIVED, _TOWN_OR_PLANNER),
    *_to(Action.RECORD_MOVE, ARRIVED, State.MOVED, _TOWN_OR_PLANNER),
    *_staying(Action.RECORD_CHANGE, ARRIVED, _TOWN_OR_PLANNER, "births, deaths, corrections"),
    *_staying(Action.ERASE, tuple(ENDED), (Mover.OPERATOR,), "the retention is over, or it was asked for"),
)

TRANSITIONS: Final = (*_LISTS, *_TOWNS, *_COORDINATED, *_DECIDED, *_LETTERS, *_AFTERWARDS)

GERMAN: Final = {
    State.ANNOUNCED: "ANGEKÜNDIGT",
    State.PROPOSED: "VORGESCHLAGEN",
    State.HEARD: "ANGEHÖRT",
    State.READY: "ZUR_ZEICHNUNG",
    State.DECIDED: "ZUGEWIESEN",
    State.AGREED: "VEREINBART",
    State.ARRIVED: "ANGEKOMMEN",
    State.MOVED: "VERZOGEN",
    State.CANCELLED: "ABGESAGT",
}


def targets(action: Action, source: State | None, procedure: Procedure) -> frozenset[State]:
    """The states an action may lead to from a state in a procedure; empty when it is not allowed there."""
    return frozenset(
        step.target
        for step in TRANSITIONS
        if (step.action, step.source) == (action, source) and step.only_in in (None, procedure)
    )
