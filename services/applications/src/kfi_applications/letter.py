"""What a decision letter says: facts and German sentences; layout, court and dates are the notifications service's."""

from decimal import Decimal

from kfi_applications.domain.application import Application
from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.correction import Correction
from kfi_applications.domain.decision import Outcome, Proposal
from kfi_applications.domain.errors import WrongState
from kfi_applications.domain.programmes.programme import Programme
from kfi_contracts import letters, procedural_letters
from kfi_contracts.addressees import Addressee
from kfi_contracts.applications import Outcome as PublishedOutcome
from kfi_contracts.applications import YearAmount as PublishedYear

FIRST_VERSION = 1
VERSION_FOR_ALL_FINANCING = 2
LANGUAGE = "de"
SUMMARY_VERSION = 1
"""The version of the sentences of summaries that new letters name."""


def decision_letter(
    application: Application, programme: Programme, *, signed_by: str | None = None
) -> letters.LetterContent:
    """The content of the letter that the proposal of a case would become; the signatory signs its digest.

    `signed_by` is the signatory's name: a written act bears it (§ 37 (3) VwVfG).
    Raises WrongState while nothing is proposed.
    """
    if application.proposal is None or application.assessment is None:
        raise WrongState("Nothing is proposed yet, so there is no letter.", fix="Propose a decision first.")
    make = _rejection if application.proposal.is_rejection else _grant
    return content_for(
        application, make(application, application.proposal, application.assessment, programme, signed_by)
    )


def correction_letter(
    application: Application, programme: Programme, correction: Correction, *, signed_by: str | None = None
) -> letters.LetterContent:
    """The content of the letter of a correction; it names the decision it changes. Raises WrongState."""
    decision, text = application.decision, correction.text
    if decision is None:
        raise WrongState("Nothing is decided, so nothing can be corrected.", fix="Read the case again.")
    facts = procedural_letters.GrantCorrectionFacts(
        programme_title=programme.title,
        project_title=application.project.title,
        corrected_outcome=PublishedOutcome(decision.outcome),
        corrected_on=decision.decided_on,
        number=correction.number,
        points=tuple(procedural_letters.CorrectedPoint(**vars(point)) for point in text.points),
        reasons=text.reasons,
        decided_by_name=signed_by,
        legal_basis=text.legal_basis,
    )
    return content_for(application, facts)


def message_waits(application: Application) -> letters.LetterContent:
    """The content of the e-mail that says a message waits, and nothing of the decision."""
    return content_for(application, letters.MessageWaitsFacts())


def digest_of(content: letters.LetterContent) -> str:
    """What the signatory signs: SHA-256 over facts, template, its version and language."""
    return letters.content_digest(letters.content_bytes(content))


def content_for(application: Application, facts: letters.Facts) -> letters.LetterContent:
    """The content of a letter or e-mail with these facts to the addressee of a case."""
    where = application.addressee
    addressee = Addressee(
        organisation=application.applicant.name,
        attention=where.attention,
        street=where.street,
        house_number=where.house_number,
        postcode=where.postcode,
        city=where.city,
        ags=application.applicant.seat_ags,
        email=where.email,
    )
    return letters.LetterContent(
        template=facts.kind,
        template_version=_template_version(facts),
        language=LANGUAGE,
        addressee=addressee,
        reference=application.file_number,
        facts=facts,
        summary=_summary(where.summary_language, facts),
    )


def _summary(language: str | None, facts: letters.Facts) -> letters.Summary | None:
    """What the addressee wishes; an e-mail that says that a message waits has nothing to summarise."""
    if language is None or isinstance(facts, letters.MessageWaitsFacts):
        return None
    return letters.Summary(language=language, version=SUMMARY_VERSION)


def _template_version(facts: letters.Facts) -> int:
    """Version 1 of the letters knows share financing alone, and whatever service is running has it."""
    by_share = getattr(facts, "financing", letters.FinancingType.SHARE) is letters.FinancingType.SHARE
    return FIRST_VERSION if by_share else VERSION_FOR_ALL_FINANCING


def _grant(
    application: Application, proposal: Proposal, assessment: Assessment, programme: Programme, signed_by: str | None
) -> letters.GrantDecisionFacts:
    requested = application.finance_plan.requested_grant
    in_part = proposal.outcome(requested) is Outcome.GRANTED_IN_PART
    return letters.GrantDecisionFacts(
        programme_title=programme.title,
        project_title=application.project.title,
        period_from=application.project.period_from,
        period_to=application.project.period_to,
        outcome=PublishedOutcome.GRANTED_IN_PART if in_part else PublishedOutcome.GRANTED,
        requested_amount=requested,
        granted_amount=proposal.amount,
        eligible_total=assessment.amount("eligible_total"),
        rate=assessment.rate * 100,
        own_share=assessment.amount("own_share"),
        civic_work_recognised=assessment.amount("civic_work_recognised"),
        years=tuple(PublishedYear(year=part.year, amount=part.amount) for part in proposal.years),
        finance_lines=_finance_lines(application, proposal, assessment),
        reasons=_reasons(assessment, proposal),
        conditions=proposal.conditions,
        decided_by_name=signed_by,
        legal_basis=programme.legal_basis,
        financing=letters.FinancingType(assessment.financing),
    )


def _rejection(
    application: Application, proposal: Proposal, assessment: Assessment, programme: Programme, signed_by: str | None
) -> letters.GrantRejectionFacts:
    return letters.GrantRejectionFacts(
        programme_title=programme.title,
        project_title=application.project.title,
        requested_amount=application.finance_plan.requested_grant,
        reasons=_reasons(assessment, proposal),
        decided_by_name=signed_by,
        legal_basis=programme.legal_basis,
    )


def _reasons(assessment: Assessment, proposal: Proposal) -> tuple[str, ...]:
    """What the rules found, then what the caseworker says; no sentence twice."""
    found = (finding.reason for finding in assessment.findings)
    return tuple(dict.fromkeys((*found, *proposal.reasons)))


def _finance_lines(
    application: Application, proposal: Proposal, assessment: Assessment
) -> tuple[letters.FinanceLine, ...]:
    """Expenditure, then income; both sides add up to the eligible total."""
    plan = assessment.funded_plan or application.finance_plan
    recognised = assessment.amount("civic_work_recognised")
    gap = assessment.amount("eligible_total") - proposal.amount - plan.own_money - recognised - plan.third_party_money
    lines: list[tuple[str, Decimal]] = [(f"Ausgaben: {item.label}", item.amount) for item in plan.costs]
    lines += [
        ("Ausgaben: bürgerschaftliches Engagement", recognised),
        ("Einnahmen: Eigenmittel", plan.own_money),
        ("Einnahmen: bürgerschaftliches Engagement", recognised),
        ("Einnahmen: Mittel Dritter", plan.third_party_money),
        ("Einnahmen: Zuwendung", proposal.amount),
        ("Einnahmen: noch zu deckender Betrag", gap),
    ]
    return tuple(letters.FinanceLine(label=label, amount=amount) for label, amount in lines if amount)
