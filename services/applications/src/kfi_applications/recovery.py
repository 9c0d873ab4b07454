"""What was decided on applications, rebuilt from the service's own events after a restore.

The events say what others act on: that a case was decided, and that the decision is final. Who signed, what the
applicant wrote and what was waived they do not say; that is left to people, case by case.
"""

from dataclasses import replace
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.decision import Decision, Outcome, YearAmount
from kfi_applications.domain.errors import WrongState
from kfi_applications.domain.information_request import IfUnanswered, InformationRequest, MissingItem
from kfi_applications.domain.remedies import FinalityBasis
from kfi_applications.domain.states import State
from kfi_applications.repository import AGGREGATE, UnknownApplication
from kfi_applications.use_cases.wait_for_answer import stop_waiting, wait_until_answered
from kfi_applications.works import ApplicationsWork
from kfi_chassis.restore.declaration import Left, Past, Recovery
from kfi_contracts.applications import (
    ApplicationFiled,
    ApplicationWithdrawn,
    DecisionFinal,
    DecisionMade,
    InformationRequested,
    PersonErased,
)
from kfi_contracts.notifications import NotificationOrdered

recovery = Recovery()
UNKNOWN_PERSON = "unknown"
_RESERVED = {State.FUNDS_RESERVED, State.SECOND_CHECK}
_LOST = Left("application_lost")


@recovery.on(ApplicationFiled)
async def it_was_filed(event: ApplicationFiled, _: Past, work: ApplicationsWork) -> Left:
    """What was filed is lost; its number was told to the applicant and is never given again."""
    await work.applications.file_number_was_given(event.file_number)
    return _LOST


@recovery.on(InformationRequested)
async def information_was_requested(event: InformationRequested, past: Past, work: ApplicationsWork) -> Left:
    """The case waits for an answer again; what was asked for in words the letter says."""
    try:
        application = await _next(past, work)
    except UnknownApplication:
        return _LOST
    before = application.state
    asked = InformationRequest(
        letter_id=event.letter_id,
        items=tuple(MissingItem(item) for item in event.items),
        text=None,
        requested_on=event.requested_on,
        answer_by=event.answer_by,
        consequence=IfUnanswered(event.consequence),
        requested_by=UNKNOWN_PERSON,
    )
    application.information_requests = (*application.information_requests, asked)
    application.state = State.INFORMATION_REQUESTED
    wait_until_answered(application, asked, work)
    await _save(application, before, past, work)
    return Left("request_in_words_lost")


@recovery.on(ApplicationWithdrawn)
async def it_was_withdrawn(event: ApplicationWithdrawn, past: Past, work: ApplicationsWork) -> Left | None:
    """The case has ended again; money that was reserved is free."""
    try:
        application = await _next(past, work)
    except UnknownApplication:
        return _LOST
    before, proposal = application.state, application.proposal
    if before in _RESERVED and proposal is not None and not proposal.is_rejection:
        await work.budget.release(proposal.budget_title, application.id)
    application.state, application.withdrawn_on = State.WITHDRAWN, event.withdrawn_on
    stop_waiting(application, work)
    await _save(application, before, past, work)
    return None


@recovery.on(DecisionMade)
async def it_was_decided(event: DecisionMade, past: Past, work: ApplicationsWork) -> Left:
    """The decision with its money, as it was published; the letter says who signed it."""
    try:
        application = await _next(past, work)
    except UnknownApplication:
        return _LOST
    before = application.state
    if event.outcome.value != Outcome.REJECTED.value:
        await _commit(application, event, work)
    orders = (order for order in past.all(NotificationOrdered) if order.notification_id == event.letter_id)
    application.decision = Decision(
        id=event.decision_id,
        outcome=Outcome(event.outcome.value),
        granted_amount=event.granted_amount,
        years=tuple(YearAmount(part.year, part.amount) for part in event.years),
        decided_on=event.decided_on,
        signed_by=UNKNOWN_PERSON,
        letter_id=event.letter_id,
        letter_digest=next((order.content_digest for order in orders), ""),
    )
    application.state = State.REJECTED if application.decision.outcome is Outcome.REJECTED else State.GRANTED
    await _save(application, before, past, work)
    return Left("signatory_unknown")


@recovery.on(DecisionFinal)
async def it_became_final(event: DecisionFinal, past: Past, work: ApplicationsWork) -> Left | None:
    """Whatever made it final; a waiver or an action that is lost has to be entered in the file again."""
    try:
        application = await _next(past, work)
    except UnknownApplication:
        return _LOST
    before, remedies = application.state, application.remedies
    if application.decision is None or remedies.announced_on is None:
        raise WrongState("The case is not decided and announced.", fix="Rebuild that first.")
    basis = FinalityBasis(event.basis.value)
    application.remedies = replace(remedies, final_on=event.final_on, basis=basis)
    application.state = State.FINAL
    await _save(application, before, past, work)
    if basis is FinalityBasis.WAIVER and remedies.waived_on is None:
        return Left("waiver_lost")
    if basis is FinalityBasis.ACTION_CONCLUDED and remedies.action_concluded_on is None:
        return Left("court_action_lost")
    return None


@recovery.on(PersonErased)
async def its_personal_data_was_erased(event: PersonErased, past: Past, work: ApplicationsWork) -> Left | None:
    """The backup is older than the erasure: what it brought back goes again."""
    await work.persons.erase(event.application_id)
    try:
        application = await _next(past, work)
    except UnknownApplication:
        return _LOST
    application.erased_on = event.erased_on
    await _save(application, application.state, past, work)
    return None


async def _next(past: Past, work: ApplicationsWork) -> Application:
    """The case, when the event is the next of it. Raises WrongState, UnknownApplication."""
    application = await work.applications.get_to_change(UUID(past.envelope.subject))
    if application.sequence + 1 != past.sequence:
        raise WrongState("Another event of the case comes first.", fix="Rebuild that first.")
    return application


async def _commit(application: Application, event: DecisionMade, work: ApplicationsWork) -> None:
    """The money of the decision, whether and whatever was reserved for it."""
    title = (await work.calls.of(application)).budget_title
    amounts = {part.year: part.amount for part in event.years}
    if application.state in _RESERVED and application.proposal is not None:
        if application.proposal.by_year == amounts:
            await work.budget.commit(application.proposal.budget_title, application.id)
            return
        await work.budget.release(application.proposal.budget_title, application.id)
    await work.budget.reserve(title, application.id, amounts)
    await work.budget.commit(title, application.id)


async def _save(application: Application, before: State, past: Past, work: ApplicationsWork) -> None:
    application.sequence = past.sequence
    await work.applications.save(application)
    work.audit.add(
        aggregate=AGGREGATE,
        aggregate_id=application.id,
        version=application.version,
        action="restored",
        details={"from": before, "to": application.state, "event_id": str(past.envelope.id)},
    )
