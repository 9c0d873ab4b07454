"""The letters to a family: it is heard, its town is decided or agreed; layout and court are added by notifications."""

from datetime import date
from typing import Final

from kfi_allocation.domain import comparison_sentences as sentences
from kfi_allocation.domain.decision import Draft
from kfi_allocation.domain.errors import ReasonsMissing
from kfi_allocation.domain.groups import GroupOfLaw, group_on
from kfi_allocation.domain.hearing import CommunityHearing, Hearing
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.reasons import TownCompared
from kfi_allocation.letter_contents import full_name, to_family
from kfi_allocation.office import OfficeTexts
from kfi_contracts import allocation_letters as facts
from kfi_contracts.letters import LetterContent

_HEARING: Final = "§ 28 Abs. 1 VwVfG NRW"


def hearing_letter(
    household: Household,
    ags: str,
    *,
    answer_by: date,
    office: OfficeTexts,
    announced_on: date,
    written_by: str | None = None,
) -> LetterContent:
    """The hearing about a town (§ 28 (1) VwVfG NRW). Raises AddressMissing."""
    group = group_on(household.group, announced_on)
    return to_family(
        household,
        office,
        facts.AllocationHearingFacts(
            group_title=_title(group),
            persons=_named(household),
            person_count=household.persons,
            town=sentences.town_name(ags),
            arrival_on=household.arrival_on,
            considered=(sentences.relatives(household, ags),),
            answer_by=answer_by,
            notices=office.hearing_notices,
            legal_basis=(*_legal_basis(group, 1), _HEARING),
            written_by_name=written_by,
        ),
    )


def decision_letter(
    household: Household,
    draft: Draft,
    hearing: Hearing,
    *,
    office: OfficeTexts,
    announced_on: date,
    community: CommunityHearing | None = None,
    replaces: date | None = None,
    signed_by: str | None = None,
) -> LetterContent:
    """The decision on a town with its individual reasons; its digest is what the signatory signs.

    `replaces` is the day of an earlier decision about another town. Raises AddressMissing,
    LetterTooLong, and ReasonsMissing when an answer is not answered.
    """
    group = group_on(household.group, announced_on)
    reasons = draft.reasons
    return to_family(
        household,
        office,
        facts.AllocationDecisionFacts(
            group_title=_title(group),
            persons=_named(household),
            person_count=household.persons,
            arrival_on=household.arrival_on,
            chosen=_compared(household, reasons.chosen),
            alternatives=tuple(_compared(household, other) for other in reasons.alternatives),
            plan=facts.PlanStated(
                run_id=reasons.run_id, input_root=reasons.input_root, policy_version=reasons.policy_version
            ),
            weighing=(sentences.conclusion(reasons), *draft.weighing),
            hearing=_heard(hearing, draft.reply_to_family),
            community=None if community is None else _asked(community, draft.reply_to_community),
            replaces_decision_of=replaces,
            notices=office.decision_notices,
            effect_of_action=office.effect_of_action,
            decided_by_name=signed_by,
            legal_basis=(*_legal_basis(group, 1), *office.further_legal_basis),
        ),
    )


def agreement_letter(
    household: Household,
    ags: str,
    *,
    agreed_on: date,
    office: OfficeTexts,
    announced_on: date,
    written_by: str | None = None,
) -> LetterContent:
    """The confirmation that family and town agree (§ 16 (2) TIntG); no act. Raises AddressMissing."""
    group = group_on(household.group, announced_on)
    return to_family(
        household,
        office,
        facts.PlacementAgreementFacts(
            group_title=_title(group),
            persons=_named(household),
            person_count=household.persons,
            town=sentences.town_name(ags),
            arrival_on=household.arrival_on,
            agreed_on=agreed_on,
            notices=office.agreement_notices,
            legal_basis=_legal_basis(group, 2),
            written_by_name=written_by,
        ),
    )


def _named(household: Household) -> tuple[facts.PersonNamed, ...]:
    return tuple(
        facts.PersonNamed(name=full_name(member), born_on=member.born_on)
        for member in household.members
        if full_name(member)
    )


def _title(group: GroupOfLaw) -> str:
    return f"{group.german[:1].upper()}{group.german[1:]} ({group.admitted_under})"


def _legal_basis(group: GroupOfLaw, paragraph: int) -> tuple[str, ...]:
    return (f"§ 16 Abs. {paragraph}, § 14 Nr. {group.number} TIntG",)


def _compared(household: Household, town: TownCompared) -> facts.TownCompared:
    return facts.TownCompared(
        ags=town.ags,
        name=sentences.town_name(town.ags),
        reception=sentences.reception(town.obstacles),
        relatives=facts.Assessed(finding=sentences.relatives(household, town.ags), points=town.relatives),
        integration=facts.Assessed(finding=sentences.integration(household, town.fit, town.obstacles), points=town.fit),
        even_distribution=facts.Assessed(
            finding=sentences.even_distribution(town.even_distribution), points=town.even_distribution
        ),
        total=town.total,
    )


def _heard(hearing: Hearing, reply: str | None) -> facts.HearingStated:
    answer = hearing.answer
    if answer is None:
        return facts.HearingStated(asked_on=hearing.asked_on, answer_by=hearing.answer_by)
    return facts.HearingStated(
        asked_on=hearing.asked_on,
        answer_by=hearing.answer_by,
        answered_on=answer.received_on,
        said=_said(answer.wishes, answer.text),
        reply=_must_reply(reply, "reply_to_family"),
    )


def _said(wishes: tuple[str, ...], text: str) -> str:
    """The family's own words, and the towns it named."""
    named = ", ".join(sentences.town_name(ags) for ags in wishes)
    wished = [f"Gewünscht: {named}."] if wishes else []
    return " ".join([part for part in (text.strip(), *wished) if part]) or "Ohne nähere Angaben."


def _asked(community: CommunityHearing, reply: str | None) -> facts.CommunityStated:
    if community.answered_on is None:
        return facts.CommunityStated(asked_on=community.asked_on)
    return facts.CommunityStated(
        asked_on=community.asked_on,
        answered_on=community.answered_on,
        supports=bool(community.supports),
        reply=_must_reply(reply, "reply_to_community"),
    )


def _must_reply(reply: str | None, field: str) -> str:
    if reply is None or not reply.strip():
        raise ReasonsMissing("An answer is not answered.", fix="Say what became of it.", field=field)
    return reply
