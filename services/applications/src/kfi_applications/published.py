"""From what happened in the domain to what others are told: events, and the orders of letter and e-mail."""

from collections.abc import Iterator
from uuid import UUID

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.decision import Decision
from kfi_chassis.sealing import Sealer
from kfi_contracts.applications import (
    ApplicationFiled,
    ApplicationWithdrawn,
    DecisionFinal,
    DecisionMade,
    FinalityBasis,
    InformationRequested,
    Outcome,
    PersonErased,
    YearAmount,
)
from kfi_contracts.event import Event
from kfi_contracts.letters import LetterContent, content_bytes, content_digest
from kfi_contracts.notifications import Channel, LegalEffect, NotificationOrdered

ORDERED_BY = "applications"


def events_of(application: Application) -> Iterator[Event]:
    """The events of what happened in this transaction, in order."""
    make = {
        Happening.FILED: _filed,
        Happening.INFORMATION_REQUESTED: _information_requested,
        Happening.WITHDRAWN: _withdrawn,
        Happening.DECIDED: _decided,
        Happening.BECAME_FINAL: _became_final,
        Happening.ERASED: _erased,
    }
    return (make[happening](application) for happening in application.happened)


def letter_order(
    content: LetterContent,
    sealer: Sealer,
    *,
    application_id: UUID,
    act_id: UUID,
    notification_id: UUID,
    organisation: str | None = None,
) -> NotificationOrdered:
    """The order of the letter that announces an act; sealed for the notifications service, bound to this order."""
    return _order(
        content, sealer, channel=Channel.LETTER, effect=LegalEffect.ACT, organisation=organisation,
        concerns=application_id, act_id=act_id, notification_id=notification_id,
    )  # fmt: skip


def plain_letter_order(
    content: LetterContent,
    sealer: Sealer,
    *,
    application_id: UUID,
    notification_id: UUID,
    organisation: str | None = None,
) -> NotificationOrdered:
    """The order of a letter that announces no act, such as a request for information."""
    return _order(
        content, sealer, channel=Channel.LETTER, effect=LegalEffect.NONE, organisation=organisation,
        concerns=application_id, act_id=None, notification_id=notification_id,
    )  # fmt: skip


def email_order(
    content: LetterContent,
    sealer: Sealer,
    *,
    application_id: UUID,
    notification_id: UUID,
    organisation: str | None = None,
    accompanies: UUID | None = None,
) -> NotificationOrdered:
    """The order of the e-mail that says a message waits; it names no act, because it announces none."""
    return _order(
        content, sealer, channel=Channel.EMAIL, effect=LegalEffect.NONE, organisation=organisation,
        concerns=application_id, act_id=None, notification_id=notification_id, accompanies=accompanies,
    )  # fmt: skip


def _order(
    content: LetterContent,
    sealer: Sealer,
    *,
    channel: Channel,
    effect: LegalEffect,
    concerns: UUID,
    act_id: UUID | None,
    notification_id: UUID,
    organisation: str | None,
    accompanies: UUID | None = None,
) -> NotificationOrdered:
    plain = content_bytes(content)
    return NotificationOrdered(
        notification_id=notification_id,
        ordered_by=ORDERED_BY,
        concerns=concerns,
        act_id=act_id,
        channel=channel,
        legal_effect=effect,
        template=content.template,
        template_version=content.template_version,
        language=content.language,
        content_digest=content_digest(plain),
        content=sealer.seal(plain, bound_to=str(notification_id)),
        organisation=organisation or None,
        accompanies=accompanies,
    )


def _filed(application: Application) -> Event:
    return ApplicationFiled(
        application_id=application.id,
        file_number=application.file_number,
        programme=application.programme,
        call=application.call,
        filed_on=application.filed_on,
        late=application.late,
        requested_amount=application.finance_plan.requested_grant,
    )


def _information_requested(application: Application) -> Event:
    asked = application.information_requests[-1]
    return InformationRequested(
        application_id=application.id,
        file_number=application.file_number,
        requested_on=asked.requested_on,
        answer_by=asked.answer_by,
        items=tuple(item.value for item in asked.items),
        consequence=asked.consequence.value,
        letter_id=asked.letter_id,
    )


def _withdrawn(application: Application) -> Event:
    if application.withdrawn_on is None:
        raise AssertionError("an application that was withdrawn has a day")
    return ApplicationWithdrawn(
        application_id=application.id, file_number=application.file_number, withdrawn_on=application.withdrawn_on
    )


def _decided(application: Application) -> Event:
    decision = _decision(application)
    return DecisionMade(
        application_id=application.id,
        decision_id=decision.id,
        file_number=application.file_number,
        outcome=Outcome(decision.outcome),
        granted_amount=decision.granted_amount,
        decided_on=decision.decided_on,
        years=tuple(YearAmount(year=part.year, amount=part.amount) for part in decision.years),
        letter_id=decision.letter_id,
    )


def _became_final(application: Application) -> Event:
    remedies = application.remedies
    if remedies.final_on is None or remedies.basis is None:
        raise AssertionError("an application that became final has a day and a basis")
    return DecisionFinal(
        application_id=application.id,
        decision_id=_decision(application).id,
        final_on=remedies.final_on,
        basis=FinalityBasis(remedies.basis),
    )


def _erased(application: Application) -> Event:
    if application.erased_on is None:
        raise AssertionError("an application that was erased has a day")
    return PersonErased(application_id=application.id, erased_on=application.erased_on)


def _decision(application: Application) -> Decision:
    if application.decision is None:
        raise AssertionError("what was decided has a decision")
    return application.decision
