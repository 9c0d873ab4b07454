"""What is written to families and towns: each fact from its place, and nothing the office did not say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from services.allocation.tests.placements import BIELEFELD, DORTMUND, MUENSTER, draft_for, ready

from kfi_allocation.domain import comparison_sentences as sentences
from kfi_allocation.domain.alternatives import compare
from kfi_allocation.domain.errors import AddressMissing, LetterTooLong, ReasonsMissing
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.hearing import CommunityHearing, Hearing, HearingAnswer
from kfi_allocation.domain.household import Contact, Household, Kinship, Member
from kfi_allocation.domain.instance import Household as Placed
from kfi_allocation.domain.instance import Instance, Municipality, Policy
from kfi_allocation.family_letters import agreement_letter, decision_letter, hearing_letter
from kfi_allocation.letter_contents import digest_of
from kfi_allocation.letters import LetterOrders
from kfi_allocation.office import OfficeTexts, Stay
from kfi_allocation.town_mails import endpoint_disabled, town_notice
from kfi_chassis.sealing import Opener, Sealer, new_sealing_key, public_part
from kfi_contracts.addressees import FamilyAddressee, MailAddressee
from kfi_contracts.allocation_letters import AllocationDecisionFacts, NoticeOccasion
from kfi_contracts.letters import content_digest, read_content

OFFICE = OfficeTexts()
ASKED, LAST_DAY, LAW_OF = date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 2)
AT_HOME = Contact("Musterweg", "1", "44135", "Dortmund", residence=DORTMUND)
FAMILY = Household(
    UUID(int=5), UUID(int=6), "bamf", "BAMF-2026-0007", Group.RESETTLEMENT, 3, 2, 1, 1,
    languages=("prs", "uk"), relatives_in=DORTMUND, wishes=(DORTMUND,),
    members=(
        Member("Beispiel", "Amina", date(1991, 5, 2), Kinship.HEAD), Member("Beispiel", "Samir"), Member(),
    ),
    contact=AT_HOME,
)  # fmt: skip
HEARING = Hearing(UUID(int=8), MUENSTER, ASKED, LAST_DAY)
ANSWERED = replace(HEARING, answer=HearingAnswer(date(2026, 3, 9), (DORTMUND, BIELEFELD), "Dort lebt meine Schwester."))


def decided(household: Household = FAMILY, hearing: Hearing = HEARING, **more: Any) -> Any:
    draft = replace(draft_for(ready()), **more.pop("draft", {}))
    return decision_letter(household, draft, hearing, **{"office": OFFICE, "announced_on": LAW_OF} | more)


def facts_of(**more: Any) -> AllocationDecisionFacts:
    facts = decided(**more).facts
    assert isinstance(facts, AllocationDecisionFacts)
    return facts


def test_a_decision_carries_the_figures_of_its_draft_on_every_criterion() -> None:
    reasons = draft_for(ready()).reasons
    facts = facts_of()
    for written, compared in zip(
        (facts.chosen, *facts.alternatives), (reasons.chosen, *reasons.alternatives), strict=True
    ):
        figures = (written.relatives.points, written.integration.points, written.even_distribution.points)
        assert (written.ags, *figures, written.total) == (
            compared.ags, compared.relatives, compared.fit, compared.even_distribution, compared.total,
        )  # fmt: skip
    assert (facts.plan.run_id, facts.plan.input_root) == (reasons.run_id, reasons.input_root)


def test_what_the_family_said_and_what_became_of_it_stand_in_the_decision() -> None:
    facts = facts_of(hearing=ANSWERED, draft={"reply_to_family": "Münster liegt näher an der Klinik."})
    assert facts.hearing.said == "Dort lebt meine Schwester. Gewünscht: Dortmund, Bielefeld."
    assert facts.hearing.reply == "Münster liegt näher an der Klinik."


@pytest.mark.parametrize("reply", [None, "", "  "])
def test_an_answer_that_is_not_answered_makes_no_letter(reply: str | None) -> None:
    with pytest.raises(ReasonsMissing):
        decided(hearing=ANSWERED, draft={"reply_to_family": reply})
    asked = CommunityHearing(MUENSTER, ASKED, LAST_DAY, date(2026, 3, 9), supports=True, text="Gern.")
    with pytest.raises(ReasonsMissing):
        decided(community=asked, draft={"reply_to_community": reply})


def test_what_the_law_leaves_open_is_in_the_letter_only_where_the_office_says_it() -> None:
    silent = facts_of()
    assert (silent.effect_of_action, silent.notices) == (None, ())
    assert silent.legal_basis == ("§ 16 Abs. 1, § 14 Nr. 4 TIntG",)
    office = OfficeTexts(
        effect_of_action="Die Klage hat keine aufschiebende Wirkung.", decision_notices=("Drei Jahre.",),
        further_legal_basis=("§ 12a Abs. 3 AufenthG",),
    )  # fmt: skip
    said = facts_of(office=office)
    assert said.effect_of_action == "Die Klage hat keine aufschiebende Wirkung."
    assert said.notices == ("Drei Jahre.",)
    assert said.legal_basis[1:] == ("§ 12a Abs. 3 AufenthG",)


def test_the_digest_that_is_signed_covers_every_word() -> None:
    seen = {digest_of(decided(signed_by="Elif Sander"))}
    for changes in (
        {"signed_by": "Jonas Weidmann"},
        {"draft": {"weighing": ("Ein anderer Satz.",)}},
        {"hearing": replace(HEARING, answer_by=date(2026, 3, 17))},
        {"replaces": date(2026, 1, 7)},
        {"office": OfficeTexts(decision_notices=("Ein Hinweis.",))},
        {"household": replace(FAMILY, contact=replace(AT_HOME, house_number="2"))},
        {"household": replace(FAMILY, contact=replace(AT_HOME, residence=""))},
    ):
        seen.add(digest_of(decided(**{"signed_by": "Elif Sander"} | changes)))
    assert len(seen) == 8


def test_a_family_is_written_to_where_it_lives_and_its_court_follows() -> None:
    addressee = decided().addressee
    assert isinstance(addressee, FamilyAddressee)
    assert (addressee.name, addressee.street, addressee.ags) == ("Amina Beispiel und Familie", "Musterweg", DORTMUND)


def test_a_family_without_an_address_is_written_to_where_the_office_says_it_stays() -> None:
    stay = Stay(care_of="Musterlager", street="Lagerstraße", house_number="3", postcode="37133", city="Musterstadt")
    addressee = decided(household=replace(FAMILY, contact=Contact()), office=OfficeTexts(stay=stay)).addressee
    assert isinstance(addressee, FamilyAddressee)
    assert (addressee.care_of, addressee.city, addressee.ags) == ("Musterlager", "Musterstadt", None)


@pytest.mark.parametrize(
    "household",
    [
        replace(FAMILY, contact=Contact()),
        replace(FAMILY, contact=replace(AT_HOME, postcode="D-44135")),
        replace(FAMILY, members=()),
        replace(FAMILY, members=(Member(),)),
    ],
    ids=["no address", "no German postcode", "no members", "no names"],
)
def test_a_household_that_cannot_be_written_to_is_told_before_anybody_signs(household: Household) -> None:
    with pytest.raises(AddressMissing):
        decided(household=household)


def test_a_letter_that_could_not_be_sealed_is_refused_before_anybody_signs() -> None:
    with pytest.raises(LetterTooLong):
        decided(draft={"weighing": ("Lang. " * 600,) * 13})


def test_only_those_who_are_named_are_named_and_all_are_counted() -> None:
    facts = facts_of()
    assert [person.name for person in facts.persons] == ["Amina Beispiel", "Samir Beispiel"]
    assert facts.person_count == 3


@pytest.mark.parametrize(("languages", "summary"), [(("prs", "uk", "ar"), "uk"), (("prs",), None), ((), None)])
def test_a_summary_is_added_in_the_first_language_of_the_family_that_has_one(
    languages: tuple[str, ...], summary: str | None
) -> None:
    content = decided(household=replace(FAMILY, languages=languages))
    assert (content.summary and content.summary.language) == summary


def test_a_hearing_and_a_confirmation_name_their_law_and_announce_nothing() -> None:
    asked = hearing_letter(FAMILY, MUENSTER, answer_by=LAST_DAY, office=OFFICE, announced_on=LAW_OF).facts
    assert getattr(asked, "legal_basis") == ("§ 16 Abs. 1, § 14 Nr. 4 TIntG", "§ 28 Abs. 1 VwVfG NRW")  # noqa: B009
    repatriates = replace(FAMILY, group=Group.LATE_REPATRIATES)
    agreed = agreement_letter(repatriates, MUENSTER, agreed_on=ASKED, office=OFFICE, announced_on=LAW_OF).facts
    assert getattr(agreed, "legal_basis") == ("§ 16 Abs. 2, § 14 Nr. 1 TIntG",)  # noqa: B009


@pytest.mark.parametrize(
    ("relatives_in", "said"),
    [
        (None, "Angehörige in Nordrhein-Westfalen sind mir nicht bekannt."),
        (MUENSTER, "Ihre Angehörigen wohnen hier."),
        (DORTMUND, "Ihre Angehörigen wohnen in Dortmund."),
    ],
)
def test_where_relatives_live_is_said_as_it_is_known(relatives_in: str | None, said: str) -> None:
    household = replace(FAMILY, relatives_in=relatives_in, wishes=())
    assert sentences.relatives(household, MUENSTER) == said
    wished = sentences.relatives(replace(household, wishes=(MUENSTER,)), MUENSTER)
    assert wished == f"{said} Diesen Ort haben Sie sich gewünscht."


def test_relatives_in_the_same_district_are_near() -> None:
    household = replace(FAMILY, relatives_in="05978024", wishes=())
    assert sentences.relatives(household, "05978004").endswith(", im selben Kreis.")


@pytest.mark.parametrize(
    ("points", "word"), [("-40", "gleichmäßiger"), ("160/3", "ungleichmäßiger"), ("0", "unverändert")]
)
def test_the_sign_of_a_figure_says_what_becomes_of_the_even_distribution(points: str, word: str) -> None:
    said = sentences.even_distribution(points)
    assert f" {word}." in said


@pytest.mark.parametrize(
    ("obstacle", "german"),
    [
        ("does not offer accessible", "Es fehlt: barrierefreier Wohnraum."),
        ("does not offer dialysis", "Es fehlt: dialysis."),
        ("the core family is in 05913000", "Ihre Kernfamilie wohnt in Dortmund."),
        ("2 places left for 4 persons", "Für Ihren Haushalt mit 4 Personen reichen die freien Plätze nicht."),
        ("reception stop", "Für sie gilt zurzeit ein Aufnahmestopp."),
        ("no places left", "Sie hat keine freien Aufnahmeplätze."),
        ("share taken", "Sie hat ihren Anteil an der Verteilung bereits aufgenommen."),
        ("objection upheld", "Die Einwände der Gemeinde gegen die Aufnahme waren begründet."),
    ],
)
def test_what_stands_against_a_town_is_said_in_german(obstacle: str, german: str) -> None:
    assert sentences.reception((obstacle,)) == f"Die Gemeinde kann Ihren Haushalt nicht aufnehmen. {german}"
    assert sentences.reception(()) == sentences.OPEN


def test_every_obstacle_that_a_comparison_finds_is_known_here() -> None:
    policy = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
    towns = tuple(
        Municipality(ags, ags[:5], Decimal(3), capacity, frozenset(), {})
        for ags, capacity in ((MUENSTER, 0), (DORTMUND, 2), (BIELEFELD, 9))
    )
    homes = (
        Placed("bound", 3, "none", frozenset(), BIELEFELD, must_join=True),
        Placed("needy", 3, "none", frozenset({"accessible"}), None, must_join=False),
    )
    instance = Instance(policy, towns, homes)
    places = {home.id: BIELEFELD for home in homes}
    found = {each for home in homes for town in compare(instance, places, home.id) for each in town.obstacles}
    assert all(sentences.reception((each,)).startswith("Die Gemeinde kann Ihren Haushalt nicht") for each in found)
    assert {each.partition(" ")[0] for each in found} == {"the", "does", "reception", "2"}


def test_an_email_to_a_town_goes_to_its_mailbox_and_names_nobody() -> None:
    notice = town_notice(
        MUENSTER, "aufnahme@muenster.example", occasion=NoticeOccasion.PROPOSED, placements=2, reference="R",
        object_until=LAST_DAY,
    )  # fmt: skip
    disabled = endpoint_disabled(
        MUENSTER, "technik@muenster.example", endpoint_id=UUID(int=1), host="h.example", failing_since=ASKED,
        disabled_on=LAST_DAY,
    )  # fmt: skip
    for content in (notice, disabled):
        assert isinstance(content.addressee, MailAddressee)
        assert "Münster" in str(content.facts)


class Outbox:
    def __init__(self) -> None:
        self.added: list[tuple[Any, int]] = []

    def add(self, event: Any, *, sequence: int) -> None:
        self.added.append((event, sequence))


class Transaction:
    def __init__(self) -> None:
        self.outbox = Outbox()


def test_an_order_is_sealed_bound_to_its_id_and_says_who_ordered_and_what_it_is_about() -> None:
    key, work, content = new_sealing_key(), Transaction(), decided()
    orders = LetterOrders(work, Sealer(public_part(key)))  # type: ignore[arg-type]
    orders.announce(content, household_id=FAMILY.id, act_id=UUID(int=3), notification_id=UUID(int=4))
    orders.write(content, household_id=FAMILY.id, notification_id=UUID(int=9))
    ((act, one), (plain, other)) = work.outbox.added
    assert (one, other, act.ordered_by, act.said_by) == (1, 1, "allocation", "/kfi/allocation")
    assert (act.concerns, act.act_id, act.legal_effect, act.organisation) == (FAMILY.id, UUID(int=3), "act", None)
    assert (plain.act_id, plain.legal_effect) == (None, "none")
    opened = Opener([key]).open(act.content, bound_to=str(UUID(int=4)))
    assert read_content(opened) == content
    assert content_digest(opened) == act.content_digest == digest_of(content)
