"""The ways an application may go under load, and who does what next; another way, step or route joins by one entry."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kfi_applications.domain.states import State
from kfi_contracts.applications import Outcome
from kfi_contracts.event import Event
from kfi_contracts.notifications import NotificationDispatched, NotificationFailed
from kfi_stack.demo.people import People
from kfi_stack.demo.person import Json

from .cases import application, grant, rejection
from .office import Case

_TO_THE_PROPOSAL = ("file", "open-formal-check", "open-substance-check", "propose")
_SIGNED = ("open-second-check", "sign", "record-announcement")
_WITH_MONEY = (*_TO_THE_PROPOSAL, "reserve-funds", *_SIGNED)
_PROPOSED_AGAIN = ("return", "propose", "reserve-funds", "open-second-check")
_OWN_SHARE_TOO_LOW = {
    "finance_plan__costs": [{"label": "Honorare", "amount": "15000.00"}],
    "finance_plan__civic_work": "3000.00",
    "finance_plan__own_money": "600.00",
}


WITH_AN_INBOX = "stranger"
"""Whose organisation consents to be told by its inbox."""


@dataclass(frozen=True)
class Way:
    """How a case goes, and what it must leave: these audit rows, this outcome, this event of its e-mail."""

    name: str
    leaves: tuple[str, ...]
    outcome: Outcome = Outcome.GRANTED
    proposals: tuple[Json, ...] = (grant(),)
    """All but the last are given back by the signatory."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """What is filed otherwise; see `application`."""
    waived: bool = True
    email: type[Event] = NotificationDispatched
    applicant: str = "applicant"
    """Who files it; the organisation of another one wants its letters in its inbox and retrieves them."""
    ends: State = State.FINAL

    @property
    def decided(self) -> bool:
        """Whether somebody signs it."""
        return "sign" in self.leaves

    @property
    def through_inbox(self) -> bool:
        """Whether its letter is provided in the inbox, with a notice in the place of its e-mail."""
        return self.applicant == WITH_AN_INBOX

    @property
    def requests(self) -> int:
        """How often its applicant was asked for something, each time by a letter and an e-mail."""
        return self.leaves.count("answer-request") + self.leaves.count("correct-finance-plan")


WAYS: tuple[Way, ...] = (
    Way("granted", (*_WITH_MONEY, "waive-remedies")),
    Way("granted, final by time", (*_WITH_MONEY, "end-remedy-period"), waived=False),
    Way(
        "granted in part after a return",
        (*_WITH_MONEY, *_PROPOSED_AGAIN, "waive-remedies"),
        outcome=Outcome.GRANTED_IN_PART,
        proposals=(grant(), grant("10000.00")),
    ),
    Way(
        "rejected",
        (*_TO_THE_PROPOSAL, *_SIGNED, "waive-remedies"),
        outcome=Outcome.REJECTED,
        proposals=(rejection(),),
    ),
    Way(
        "granted after a correction",
        (*_WITH_MONEY, "correct-finance-plan", "open-substance-check", "waive-remedies"),
        changes=_OWN_SHARE_TOO_LOW,
    ),
    Way(
        "granted after an answer",
        (*_WITH_MONEY, "request-information", "answer-request", "waive-remedies"),
    ),
    Way(
        "withdrawn in the second check",
        (*_TO_THE_PROPOSAL, "reserve-funds", "open-second-check", "withdraw"),
        waived=False,
        ends=State.WITHDRAWN,
    ),
    Way("granted, told by the inbox", (*_WITH_MONEY, "waive-remedies"), applicant=WITH_AN_INBOX),
    Way(
        "granted, no mail server takes the address",
        (*_WITH_MONEY, "waive-remedies", "record-failed-notification"),
        changes={"addressee__email": "vorständin@verein.example"},
        email=NotificationFailed,
    ),
)


@dataclass
class Worked(Case):
    """A case of the load: the way it goes, and the states in which its people have seen it."""

    way: Way = WAYS[0]
    states: list[str] = field(default_factory=list)

    @property
    def proposal(self) -> Json:
        """What is to be proposed now: the next one after each return."""
        return self.way.proposals[min(self._returns, len(self.way.proposals) - 1)]

    @property
    def to_be_returned(self) -> bool:
        """Whether the proposal at hand is not the last."""
        return self._returns + 1 < len(self.way.proposals)

    @property
    def _returns(self) -> int:
        pairs = zip(self.states, self.states[1:], strict=False)
        return sum(pair == ("second-check", "substance-check") for pair in pairs)


Body = Callable[[Worked, People], Awaitable[Json | None]]


async def nothing(_case: Worked, _people: People) -> Json | None:
    """An action that says it all by its name."""
    return None


async def its_proposal(case: Worked, _people: People) -> Json:
    """What is proposed this time."""
    return case.proposal


async def the_right_plan(_case: Worked, _people: People) -> Json:
    """The finance plan that can be funded."""
    return {"finance_plan": application()["finance_plan"]}


async def what_is_missing(_case: Worked, _people: People) -> Json:
    """What the caseworker asks for."""
    return {"items": ["statutes"], "text": "Bitte auch die Namen der Kooperationspartner."}


async def an_answer(_case: Worked, _people: People) -> Json:
    """What the applicant answers."""
    return {"text": "Beides liegt bei."}


async def today(_case: Worked, _people: People) -> Json:
    """What was received today says no day."""
    return {}


async def too_much(_case: Worked, _people: People) -> Json:
    """Why it is given back."""
    return {"reason": "amount"}


async def the_letter_read(case: Worked, people: People) -> Json:
    """The digest of the letter as it would be sent now."""
    return {"digest": (await people.signatory.get(f"{case.path}/letter-content")).document["digest"]}


def always(_case: Worked, _seen: Json) -> bool:
    """Whatever the case."""
    return True


@dataclass(frozen=True)
class Step:
    """In this state of a case a person does this next; the first step that fits is taken."""

    state: str
    person: str
    action: str
    body: Body = nothing
    only: Callable[[Worked, Json], bool] = always


def _costs_money(case: Worked, _seen: Json) -> bool:
    return bool(case.proposal["years"])


def _to_be_returned(case: Worked, _seen: Json) -> bool:
    return case.to_be_returned


def _to_be_waived(case: Worked, seen: Json) -> bool:
    return case.way.waived and seen["remedies"]["waived_on"] is None


def _to_be_asked(case: Worked, seen: Json) -> bool:
    return "request-information" in case.way.leaves and not seen["information_requests"]


def _to_be_withdrawn(case: Worked, _seen: Json) -> bool:
    return not case.way.decided


def _asked_in_words(case: Worked, _seen: Json) -> bool:
    return "answer-request" in case.way.leaves


STEPS: tuple[Step, ...] = (
    Step("received", "caseworker", "formal-check"),
    Step("formal-check", "caseworker", "information-request", what_is_missing, only=_to_be_asked),
    Step("formal-check", "caseworker", "substance-check"),
    Step("information-requested", "applicant", "answer", an_answer, only=_asked_in_words),
    Step("information-requested", "applicant", "finance-plan", the_right_plan),
    Step("substance-check", "caseworker", "proposal", its_proposal),
    Step("proposed", "budget_officer", "reservation", only=_costs_money),
    Step("proposed", "signatory", "second-check"),
    Step("funds-reserved", "signatory", "second-check"),
    Step("second-check", "applicant", "withdrawal", today, only=_to_be_withdrawn),
    Step("second-check", "signatory", "return", too_much, only=_to_be_returned),
    Step("second-check", "signatory", "signature", the_letter_read),
    Step("granted", "applicant", "waiver", only=_to_be_waived),
    Step("rejected", "applicant", "waiver", only=_to_be_waived),
    Step("announced", "applicant", "waiver", only=_to_be_waived),
)


def next_step(case: Worked, seen: Json) -> Step | None:
    """What is to be done next with the case as it was seen; none when its people are done with it."""
    return next((step for step in STEPS if step.state == seen["state"] and step.only(case, seen)), None)
