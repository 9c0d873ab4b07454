"""The first pair of eyes: a caseworker proposes a grant or a rejection."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.decision import Proposal, YearAmount
from kfi_applications.domain.errors import LetterTooLong
from kfi_applications.letter import decision_letter
from kfi_applications.use_cases.open_substance_check import assessment_of
from kfi_applications.use_cases.wait_for_answer import stop_waiting
from kfi_applications.use_cases.work_on_case import case_of_caseworker
from kfi_applications.works import ApplicationsWork
from kfi_chassis.sealing import MAX_CONTENT_BYTES
from kfi_contracts.letters import content_bytes


@dataclass(frozen=True)
class ProposeDecision:
    """What is proposed; amount 0.00 proposes a rejection."""

    application_id: UUID
    seen_version: int
    amount: Decimal
    years: tuple[YearAmount, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]


async def propose_decision(command: ProposeDecision, work: ApplicationsWork) -> Application:
    """Propose on an assessment of today. Raises NotAllowedByAssessment, LetterTooLong, NoMandate, WrongState."""
    application = await case_of_caseworker(command.application_id, command.seen_version, work)
    proposal = Proposal(
        amount=command.amount,
        years=command.years,
        reasons=command.reasons,
        conditions=command.conditions,
        budget_title=(await work.calls.of(application)).budget_title,
        by=work.actor.person,
        proposed_on=work.calendar.today(),
    )
    application.propose(proposal, await assessment_of(application, work))
    _letter_must_fit(application, work)
    stop_waiting(application, work)
    await work.applications.save(application)
    return application


def _letter_must_fit(application: Application, work: ApplicationsWork) -> None:
    content = decision_letter(application, work.catalogue.programme(application.programme))
    if len(content_bytes(content)) > MAX_CONTENT_BYTES:
        raise LetterTooLong(
            f"The letter would hold more than {MAX_CONTENT_BYTES} bytes.", fix="Shorten reasons and conditions.",
            field="reasons",
        )  # fmt: skip
