"""What several tests of the notifications service start from."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

import pytest

from kfi_chassis.settings import Profile
from kfi_contracts.applications import Outcome, YearAmount
from kfi_contracts.letters import (
    Addressee,
    FinanceLine,
    GrantDecisionFacts,
    GrantRejectionFacts,
    LetterContent,
    MessageWaitsFacts,
)
from kfi_notifications.configuration import DEMO, read_courts, read_letterhead
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.letter import compose
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.typesetting import Document, typeset

Facts = GrantDecisionFacts | GrantRejectionFacts | MessageWaitsFacts
DORTMUND = "05913000"


@pytest.fixture
def letterhead() -> Letterhead:
    return read_letterhead(DEMO / "letterhead.toml", Profile.TEST)


@pytest.fixture
def courts() -> CourtDirectory:
    return read_courts(DEMO / "courts.toml", Profile.TEST)


@pytest.fixture
def addressee() -> Addressee:
    return Addressee(
        organisation="Brücken bauen „Köprü“ e. V.",
        attention="Frau Şükran Łukasiewicz-Öztürk",
        street="Unter den Linden",
        house_number="12 a",
        postcode="44135",
        city="Dortmund",
        ags=DORTMUND,
        email="vorstand@koeprue.example",
    )


@pytest.fixture
def grant_facts() -> GrantDecisionFacts:
    return GrantDecisionFacts(
        programme_title="Förderung von Organisationen von Menschen mit Einwanderungsgeschichte, Einzelprojekte",
        project_title="Nachbarn lernen voneinander",
        period_from=date(2027, 1, 1),
        period_to=date(2028, 12, 31),
        outcome=Outcome.GRANTED_IN_PART,
        requested_amount=Decimal("15000.00"),
        granted_amount=Decimal("14800.00"),
        eligible_total=Decimal("18500.00"),
        rate=Decimal("80.00"),
        own_share=Decimal("3700.00"),
        civic_work_recognised=Decimal("2775.00"),
        years=(YearAmount(year=2027, amount=Decimal("7300.00")), YearAmount(year=2028, amount=Decimal("7500.00"))),
        finance_lines=(
            FinanceLine(label="Personalausgaben", amount=Decimal("12000.00")),
            FinanceLine(label="Sachausgaben", amount=Decimal("3725.00")),
            FinanceLine(label="Bürgerschaftliches Engagement", amount=Decimal("2775.00")),
        ),
        reasons=(
            "Das Projekt erfüllt die Voraussetzungen der Förderrichtlinie.",
            "Die Anschaffung eines Getränkeautomaten dient nicht dem Zweck des Projekts und ist nicht zuwendungsfähig.",
        ),
        conditions=(
            "Die Allgemeinen Nebenbestimmungen zur Projektförderung (ANBest-P) sind Bestandteil dieses Bescheids.",
            "Der Verwendungsnachweis ist bis zum 30. Juni 2029 vorzulegen.",
        ),
        decided_by_name="Dr. Anna Beispiel",
        legal_basis=(
            "§§ 23, 44 der Landeshaushaltsordnung (LHO)",
            "§ 36 des Verwaltungsverfahrensgesetzes (VwVfG NRW)",
        ),
    )


@pytest.fixture
def rejection_facts() -> GrantRejectionFacts:
    return GrantRejectionFacts(
        programme_title="Förderung von Organisationen von Menschen mit Einwanderungsgeschichte, Einzelprojekte",
        project_title="Nachbarn lernen voneinander",
        requested_amount=Decimal("15000.00"),
        reasons=("Der Antrag ist nach Ablauf der Ausschlussfrist eingegangen.",),
        decided_by_name="Dr. Anna Beispiel",
        legal_basis=("§§ 23, 44 der Landeshaushaltsordnung (LHO)",),
    )


@pytest.fixture
def content_of(addressee: Addressee) -> Callable[..., LetterContent]:
    def content(facts: Facts, **addressee_changes: object) -> LetterContent:
        return LetterContent(
            template=facts.kind,
            template_version=1,
            language="de",
            addressee=Addressee(**(dict(addressee) | addressee_changes)),
            reference="36-2026-0042",
            facts=facts,
        )

    return content


@pytest.fixture
def render(letterhead: Letterhead, courts: CourtDirectory) -> Callable[..., Awaitable[Document]]:
    async def rendered(content: LetterContent, dated_on: date = date(2026, 11, 23)) -> Document:
        letter = compose(content, letterhead=letterhead, courts=courts, dated_on=dated_on)
        return await typeset(
            content.template, content.template_version, letter, language=content.language, dated_on=dated_on
        )

    return rendered
