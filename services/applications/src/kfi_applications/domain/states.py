"""The states of an application and the steps between them; the diagram in docs/ is drawn from this table."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case stands (Fördervorgang); the German terms are in the glossary and in ``GERMAN``."""

    RECEIVED = "received"
    FORMAL_CHECK = "formal-check"
    INFORMATION_REQUESTED = "information-requested"
    SUBSTANCE_CHECK = "substance-check"
    PROPOSED = "proposed"
    FUNDS_RESERVED = "funds-reserved"
    SECOND_CHECK = "second-check"
    GRANTED = "granted"
    REJECTED = "rejected"
    ANNOUNCED = "announced"
    ACTION_PENDING = "action-pending"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What moves a case, or is recorded without moving it."""

    FILE = "file"
    OPEN_FORMAL_CHECK = "open-formal-check"
    OPEN_SUBSTANCE_CHECK = "open-substance-check"
    CORRECT_FINANCE_PLAN = "correct-finance-plan"
    PROPOSE = "propose"
    RESERVE_FUNDS = "reserve-funds"
    OPEN_SECOND_CHECK = "open-second-check"
    RETURN = "return"
    SIGN = "sign"
    RECORD_NOT_ANNOUNCED = "record-not-announced"
    RECORD_ANNOUNCEMENT = "record-announcement"
    RECORD_FAILED_NOTIFICATION = "record-failed-notification"
    RECORD_RETURNED_LETTER = "record-returned-letter"
    ORDER_LETTER_AGAIN = "order-letter-again"
    WAIVE_REMEDIES = "waive-remedies"
    RECORD_COURT_ACTION = "record-court-action"
    CONCLUDE_COURT_ACTION = "conclude-court-action"
    END_REMEDY_PERIOD = "end-remedy-period"
    ASSIGN = "assign"
    REQUEST_INFORMATION = "request-information"
    ANSWER_REQUEST = "answer-request"
    REMIND = "remind"
    END_ANSWER_PERIOD = "end-answer-period"
    WITHDRAW = "withdraw"
    PERMIT_EARLY_START = "permit-early-start"
    STATE_BANK_ACCOUNT = "state-bank-account"


class Mover(StrEnum):
    """Who may move a case; the values of people are the roles of their access tokens."""

    APPLICANT = "applicant"
    CASEWORKER = "funding-caseworker"
    SIGNATORY = "funding-signatory"
    BUDGET_OFFICER = "budget-officer"
    NOTIFICATIONS = "notifications"
    CALENDAR = "calendar"


@dataclass(frozen=True)
class Transition:
    """One allowed step: by whom, from where, to where, and the guard as a sentence. ``source`` None: a new case."""

    action: Action
    source: State | None
    target: State
    movers: tuple[Mover, ...]
    guard: str


_CASEWORKER = (Mover.CASEWORKER,)
_SIGNATORY = (Mover.SIGNATORY,)
_NOTIFICATIONS = (Mover.NOTIFICATIONS,)
_APPLICANT_OR_CASEWORKER = (Mover.APPLICANT, Mover.CASEWORKER)

_UP_TO_THE_PROPOSAL = (
    Transition(Action.FILE, None, State.RECEIVED, (Mover.APPLICANT,), "the call takes it and the plan adds up"),
    Transition(Action.OPEN_FORMAL_CHECK, State.RECEIVED, State.FORMAL_CHECK, _CASEWORKER, ""),
    Transition(
        Action.OPEN_SUBSTANCE_CHECK, State.FORMAL_CHECK, State.SUBSTANCE_CHECK, _CASEWORKER, "the plan can be funded"
    ),
    Transition(
        Action.OPEN_SUBSTANCE_CHECK,
        State.FORMAL_CHECK,
        State.INFORMATION_REQUESTED,
        _CASEWORKER,
        "the finance plan needs a correction",
    ),
    Transition(
        Action.CORRECT_FINANCE_PLAN,
        State.INFORMATION_REQUESTED,
        State.FORMAL_CHECK,
        (Mover.APPLICANT,),
        "the new plan adds up",
    ),
    Transition(
        Action.PROPOSE,
        State.INFORMATION_REQUESTED,
        State.PROPOSED,
        _CASEWORKER,
        "no answer came in time, or no request is open; no more than the assessment",
    ),
    Transition(
        Action.PROPOSE, State.SUBSTANCE_CHECK, State.PROPOSED, _CASEWORKER, "reasons, and no more than the assessment"
    ),
)
_INFORMATION = (
    *(
        Transition(
            Action.REQUEST_INFORMATION, state, State.INFORMATION_REQUESTED, _CASEWORKER, "something is missing; a day"
        )
        for state in (State.FORMAL_CHECK, State.SUBSTANCE_CHECK, State.INFORMATION_REQUESTED)
    ),
    Transition(
        Action.ANSWER_REQUEST,
        State.INFORMATION_REQUESTED,
        State.FORMAL_CHECK,
        _APPLICANT_OR_CASEWORKER,
        "a request is open; also late",
    ),
    Transition(
        Action.REMIND,
        State.INFORMATION_REQUESTED,
        State.INFORMATION_REQUESTED,
        (Mover.CALENDAR, Mover.CASEWORKER),
        "the day of the answer is not over",
    ),
    Transition(
        Action.END_ANSWER_PERIOD,
        State.INFORMATION_REQUESTED,
        State.INFORMATION_REQUESTED,
        (Mover.CALENDAR,),
        "no answer came in time; a person decides how to go on",
    ),
)
_FOUR_EYES = (
    Transition(
        Action.RESERVE_FUNDS,
        State.PROPOSED,
        State.FUNDS_RESERVED,
        (Mover.BUDGET_OFFICER, Mover.CASEWORKER),
        "a grant; every year of the title holds it",
    ),
    Transition(
        Action.OPEN_SECOND_CHECK, State.FUNDS_RESERVED, State.SECOND_CHECK, _SIGNATORY, "another person than proposed"
    ),
    Transition(
        Action.OPEN_SECOND_CHECK,
        State.PROPOSED,
        State.SECOND_CHECK,
        _SIGNATORY,
        "a rejection; another person than proposed",
    ),
    Transition(Action.RETURN, State.SECOND_CHECK, State.SUBSTANCE_CHECK, _SIGNATORY, "the reservation is released"),
    Transition(Action.SIGN, State.SECOND_CHECK, State.GRANTED, _SIGNATORY, "another person than proposed, digest seen"),
    Transition(
        Action.SIGN, State.SECOND_CHECK, State.REJECTED, _SIGNATORY, "another person than proposed, digest seen"
    ),
)


def _after_the_decision(decided: State) -> tuple[Transition, ...]:
    return (
        Transition(Action.WAIVE_REMEDIES, decided, decided, _APPLICANT_OR_CASEWORKER, "counts from the announcement"),
        Transition(
            Action.RECORD_NOT_ANNOUNCED,
            decided,
            decided,
            _NOTIFICATIONS,
            "not retrieved from the inbox in time; the letter goes by post",
        ),
        Transition(Action.RECORD_ANNOUNCEMENT, decided, State.ANNOUNCED, _NOTIFICATIONS, ""),
        Transition(Action.RECORD_ANNOUNCEMENT, decided, State.FINAL, _NOTIFICATIONS, "remedies were waived"),
    )


_UP_TO_FINALITY = (
    Transition(Action.END_REMEDY_PERIOD, State.ANNOUNCED, State.FINAL, _NOTIFICATIONS, "no action is pending"),
    Transition(
        Action.END_REMEDY_PERIOD, State.ACTION_PENDING, State.ACTION_PENDING, _NOTIFICATIONS, "the action holds it"
    ),
    Transition(Action.WAIVE_REMEDIES, State.ANNOUNCED, State.FINAL, _APPLICANT_OR_CASEWORKER, ""),
    Transition(Action.RECORD_COURT_ACTION, State.ANNOUNCED, State.ACTION_PENDING, _CASEWORKER, ""),
    Transition(
        Action.CONCLUDE_COURT_ACTION,
        State.ACTION_PENDING,
        State.FINAL,
        _CASEWORKER,
        "dismissed, or withdrawn after the remedy period",
    ),
    Transition(
        Action.CONCLUDE_COURT_ACTION,
        State.ACTION_PENDING,
        State.ANNOUNCED,
        _CASEWORKER,
        "withdrawn within the remedy period",
    ),
)

ENDED = frozenset({State.FINAL, State.WITHDRAWN})
"""Where nobody has anything more to do."""

_UNANNOUNCED = (State.GRANTED, State.REJECTED, State.FINAL)
_CAME_BACK = "the decision's letter came back: it was never announced"
DECIDED = frozenset({State.GRANTED, State.REJECTED, State.ANNOUNCED, State.ACTION_PENDING, State.FINAL})
"""Signed, whatever came of it."""

_UNDECIDED = tuple(state for state in State if state not in DECIDED | ENDED)
_OPEN = tuple(state for state in State if state not in ENDED)
_WITH_AN_ACCOUNT = (*_OPEN, State.FINAL)


def _staying(
    action: Action, states: tuple[State, ...], movers: tuple[Mover, ...], guard: str
) -> tuple[Transition, ...]:
    """What may be done in each of these states and leads to no other."""
    return tuple(Transition(action, state, state, movers, guard) for state in states)


TRANSITIONS = (
    *_UP_TO_THE_PROPOSAL,
    *_INFORMATION,
    *_FOUR_EYES,
    *_after_the_decision(State.GRANTED),
    *_after_the_decision(State.REJECTED),
    *_UP_TO_FINALITY,
    *_staying(Action.RECORD_FAILED_NOTIFICATION, tuple(State), _NOTIFICATIONS, "a person looks after it"),
    *_staying(Action.RECORD_RETURNED_LETTER, tuple(State), _NOTIFICATIONS, "a person looks for the address"),
    Transition(Action.RECORD_RETURNED_LETTER, State.ANNOUNCED, State.GRANTED, _NOTIFICATIONS, _CAME_BACK),
    Transition(Action.RECORD_RETURNED_LETTER, State.ANNOUNCED, State.REJECTED, _NOTIFICATIONS, _CAME_BACK),
    *_staying(Action.ORDER_LETTER_AGAIN, _UNANNOUNCED, _SIGNATORY, "its letter failed, was recalled or came back"),
    Transition(
        Action.RECORD_ANNOUNCEMENT, State.FINAL, State.FINAL, _NOTIFICATIONS, "a letter that came back was sent again"
    ),
    *(
        Transition(Action.WITHDRAW, state, State.WITHDRAWN, _APPLICANT_OR_CASEWORKER, "reserved money is released")
        for state in _UNDECIDED
    ),
    *_staying(Action.PERMIT_EARLY_START, _UNDECIDED, _SIGNATORY, "the project has not begun; no claim follows from it"),
    *_staying(Action.ASSIGN, _OPEN, _CASEWORKER, "nobody's case, the own one, or a mandate to stand in"),
    *_staying(
        Action.STATE_BANK_ACCOUNT,
        _WITH_AN_ACCOUNT,
        (Mover.APPLICANT,),
        "domestic and its own; not once it is told of a rejection",
    ),
)

GERMAN = {
    State.RECEIVED: "EINGEGANGEN",
    State.FORMAL_CHECK: "FORMELLE_PRÜFUNG",
    State.INFORMATION_REQUESTED: "NACHFORDERUNG",
    State.SUBSTANCE_CHECK: "MATERIELLE_PRÜFUNG",
    State.PROPOSED: "ENTSCHEIDUNGSVORSCHLAG",
    State.FUNDS_RESERVED: "MITTEL_VORGEMERKT",
    State.SECOND_CHECK: "ZWEITPRÜFUNG",
    State.GRANTED: "BEWILLIGT",
    State.REJECTED: "ABGELEHNT",
    State.ANNOUNCED: "BEKANNT_GEGEBEN",
    State.ACTION_PENDING: "KLAGE_ANHÄNGIG",
    State.FINAL: "BESTANDSKRÄFTIG",
    State.WITHDRAWN: "ZURÜCKGENOMMEN",
}


def targets(action: Action, source: State | None) -> frozenset[State]:
    """The states an action may lead to from a state; empty when it is not allowed there."""
    return frozenset(step.target for step in TRANSITIONS if (step.action, step.source) == (action, source))
