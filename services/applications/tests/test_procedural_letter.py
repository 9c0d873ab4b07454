"""Letters on the way to a decision say what the case says, and announce nothing."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from pydantic import ValidationError

from kfi_applications.domain.application import Application
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.procedural_letter import MissingInformation, information_request, receipt_acknowledgement
from kfi_applications.published import plain_letter_order
from kfi_chassis.sealing import Sealer, new_sealing_key
from kfi_contracts import procedural_letters
from kfi_contracts.notifications import Channel, LegalEffect

PROGRAMME = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"]
ASKED = MissingInformation(("Die Satzung fehlt.",), date(2026, 12, 14), "Sonst entscheide ich nach Aktenlage.")


def test_the_receipt_names_the_day_and_whether_it_was_in_time(received: Application) -> None:
    facts = receipt_acknowledgement(received, PROGRAMME, written_by="Elif Sander").facts
    assert isinstance(facts, procedural_letters.ReceiptAcknowledgementFacts)
    assert (facts.received_on, facts.late, facts.written_by_name) == (received.filed_on, False, "Elif Sander")
    assert facts.requested_amount == Decimal("14400.00")


def test_a_request_says_what_is_missing_by_when_and_what_follows(received: Application) -> None:
    content = information_request(received, PROGRAMME, ASKED)
    facts = content.facts
    assert isinstance(facts, procedural_letters.InformationRequestFacts)
    assert (facts.missing, facts.reply_by, facts.consequence) == (ASKED.missing, ASKED.reply_by, ASKED.consequence)
    assert (content.template, content.template_version) == ("information-request", 1)


def test_a_request_that_asks_for_nothing_is_no_letter(received: Application) -> None:
    with pytest.raises(ValidationError):
        information_request(received, PROGRAMME, MissingInformation((), date(2026, 12, 14), "Sonst."))


def test_a_letter_on_the_way_announces_no_act(received: Application) -> None:
    order = plain_letter_order(
        information_request(received, PROGRAMME, ASKED),
        Sealer(new_sealing_key()),
        application_id=received.id,
        notification_id=uuid4(),
    )
    assert (order.channel, order.legal_effect, order.act_id) == (Channel.LETTER, LegalEffect.NONE, None)
