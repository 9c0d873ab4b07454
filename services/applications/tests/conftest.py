"""Builders of cases and applications: everything is in order unless the test says otherwise."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.attachment import Kind
from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind
from kfi_applications.domain.case import Addressee, Applicant, Case, CostItem, FinancePlan, LegalForm, Project
from kfi_applications.domain.decision import Proposal, YearAmount
from kfi_applications.domain.programmes.catalogue import packaged_programmes

TODAY = date(2026, 3, 9)
assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess


def _plan(total: str, civic_work: str, own_money: str, requested: str, third_party: str = "0.00") -> FinancePlan:
    cash = Decimal(total) - Decimal(civic_work)
    return FinancePlan(
        (CostItem("Honorare", cash),), Decimal(civic_work), Decimal(own_money), Decimal(third_party), Decimal(requested)
    )


def _call(**changes: Any) -> Call:
    call = Call(
        key="a-call",
        programme="mso-einzelprojekt",
        title="A call",
        opens_on=date(2026, 1, 1),
        last_day=date(2026, 4, 30),
        deadline_kind=DeadlineKind.ORDNUNGSFRIST,
        cap=Decimal("50000.00"),
        civic_work_basis=CivicWorkBasis.STATED_TOTAL,
        budget_title="07-080-684-61",
        source="a test",
    )
    return replace(call, **changes)


def _case(**changes: Any) -> Case:
    case = Case(
        call=_call(),
        applicant=Applicant(
            "Verein Beispiel e.V.", LegalForm.REGISTERED_ASSOCIATION, "05914000", True, Decimal("0.62"), True
        ),
        project=Project("Sprachcafé im Quartier", date(2026, 5, 1), date(2027, 4, 30)),
        finance_plan=_plan("18000.00", "2700.00", "900.00", "14400.00"),
        filed_on=TODAY,
        assessed_on=TODAY,
    )
    return replace(case, **changes)


def _application(case: Case) -> Application:
    return Application.file(
        uuid4(),
        file_number="36-2026-0042",
        organisation="verein-beispiel",
        call=case.call,
        applicant=case.applicant,
        addressee=Addressee("Frau Muster", "Musterweg", "1", "58095", "Hagen", "post@verein-beispiel.example"),
        project=case.project,
        finance_plan=case.finance_plan,
        on=case.filed_on,
    )


def _proposal(amount: str = "14400.00", **changes: Any) -> Proposal:
    years = (YearAmount(2026, Decimal(amount)),) if Decimal(amount) else ()
    reasons = ("Das Vorhaben entspricht dem Zweck der Förderung.",)
    proposal = Proposal(Decimal(amount), years, reasons, (), "07-080-684-61", "person-a", TODAY)
    return replace(proposal, **changes)


@pytest.fixture(scope="session")
def plan_of() -> Callable[..., FinancePlan]:
    return _plan


@pytest.fixture(scope="session")
def call_of() -> Callable[..., Call]:
    return _call


@pytest.fixture(scope="session")
def case_of() -> Callable[..., Case]:
    return _case


@pytest.fixture(scope="session")
def proposal_of() -> Callable[..., Proposal]:
    return _proposal


@pytest.fixture(scope="session")
def application_of() -> Callable[[Case], Application]:
    return _application


@pytest.fixture
def received() -> Application:
    """An application in order, just received."""
    return _application(_case())


@pytest.fixture
def checked(received: Application) -> Application:
    """In the substance check, with its assessment."""
    received.open_formal_check()
    received.open_substance_check(assess(_case()))
    return received


@pytest.fixture
def in_second_check(checked: Application) -> Application:
    """Proposed by person-a, reserved, opened by person-b."""
    checked.propose(_proposal(), assess(_case()))
    checked.reserve_funds()
    checked.open_second_check("person-b")
    return checked


@pytest.fixture
def granted(in_second_check: Application) -> Application:
    """Signed by person-b on 9 March 2026."""
    in_second_check.sign(
        "person-b", seen_digest="d" * 64, letter_digest="d" * 64, on=TODAY, decision_id=uuid4(), letter_id=uuid4()
    )
    return in_second_check


@pytest.fixture
def announced(granted: Application) -> Application:
    """Announced on Friday 13 March 2026; the remedy period ends on Monday 13 April 2026."""
    granted.record_announcement(date(2026, 3, 13), date(2026, 4, 13))
    return granted


def _container(first: str, content: str, **members: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as container:
        container.writestr(first, content)
        for name, text in members.items():
            container.writestr(name, text)
    return written.getvalue()


def _office_document(main_part: str) -> bytes:
    types = f'<Types><Override PartName="/main.xml" ContentType="{main_part}+xml"/></Types>'
    return _container("[Content_Types].xml", types, main="<document/>")


@pytest.fixture(scope="session")
def files() -> dict[Kind, bytes]:
    """A whole small file of each kind that is taken."""
    return {
        Kind.PDF: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
        Kind.PNG: b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(17) + b"\0\0\0\0IEND\xae\x42\x60\x82",
        Kind.JPEG: b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(40) + b"\xff\xd9",
        Kind.TIFF: b"II*\0\x08\0\0\0" + bytes(40),
        Kind.DOCX: _office_document(f"{Kind.DOCX}.main"),
        Kind.XLSX: _office_document(f"{Kind.XLSX}.main"),
        Kind.ODT: _container("mimetype", Kind.ODT, body="<office/>"),
        Kind.ODS: _container("mimetype", Kind.ODS, body="<office/>"),
    }
