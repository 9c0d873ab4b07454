"""A district is granted lump sums at the gateway, by a call that two persons open; its printed letter names them."""

import unicodedata
from uuid import uuid4

import pypdfium2  # type: ignore[import-untyped]
import pytest
from tests.harness.cases import application, grant
from tests.harness.office import Office

from kfi_stack.demo.cases import YEAR
from kfi_stack.demo.story import NOTIFICATIONS

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
CALLS = "/applications/v1/calls"
TERMS = {
    "programme": "komm-an-ii", "title": "KOMM-AN NRW, Programmteil II", "opens_on": "2026-09-01",
    "last_day": "2026-12-31", "deadline_kind": "ordnungsfrist", "budget_title": "07-080-633-62",
    "source": "ein Test", "partial_month": "only-full-months",
}  # fmt: skip
DISTRICT = {"name": "Märkischer Kreis", "legal_form": "district", "seat_ags": "05962032"}
PLAN = {
    "costs": [{"label": "Maßnahmen vor Ort", "amount": "6995.00"}],
    "civic_work": "0.00", "own_money": "0.00", "third_party_money": "0.00", "requested_grant": "6995.00",
    "measures": [
        {"kind": "a1", "label": "Treff Altenhagen", "planned_costs": "1250.00",
         "hours_for_purpose": "16", "hours_in_use": "40"},
        {"kind": "a2", "label": "Treff Altenhagen",
         "period_from": f"{YEAR}-03-01", "period_to": f"{YEAR}-12-31"},
        {"kind": "b1", "label": "Kreisgebiet", "count": 57},
    ],
}  # fmt: skip


async def test_lump_sums_go_from_a_call_of_two_persons_to_the_printed_letter(office: Office) -> None:
    key = f"komm-an-{uuid4().hex}"
    proposed = await office.people.budget_officer.create(CALLS, {"key": key, **TERMS})
    await office.people.signatory.act(f"{CALLS}/{key}/approval", proposed.etag, None)
    body = application("Ankommen im Kreis", call=key, applicant=DISTRICT, finance_plan=PLAN)
    case = await office.sent(body, grant("6995.00"))
    pdf = await office.people.caseworker.fetch(f"{NOTIFICATIONS}/{case.letter_id}/document")
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    text = " ".join(unicodedata.normalize("NFKC", " ".join(pages)).split())
    for words in (
        "KOMM-AN NRW, Programmteil II", "eine Zuwendung in Höhe von 6.995,00 Euro", "Festbetragsfinanzierung",
        "Baustein A1, Ausstattung von Räumen 1.000,00", "Baustein A2, laufender Betrieb 4.000,00",
        "Baustein B1, Begleitungen 1.995,00",
    ):  # fmt: skip
        assert words in text, text
