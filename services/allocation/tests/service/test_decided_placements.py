"""From a proposal to a decision of two persons, with individual reasons, and what becomes of its letter."""

import json
import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from services.allocation.tests.proposing import ROOT, RUN, digest, orders, proposed, ready, told

from kfi_allocation import placement_messages as messages
from kfi_allocation.domain.groups import Group
from kfi_allocation.use_cases.hear_family import end_hearing_period
from kfi_allocation.use_cases.hear_town import end_objection_period
from kfi_chassis.consumer import Unprocessable
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    NotificationAnnounced,
    NotificationFailed,
    NotificationReturned,
    RemedyPeriodEnded,
    ReturnReason,
)

pytestmark = pytest.mark.servers
MUENSTER, DORTMUND, KOELN = "05515000", "05913000", "05315000"
FREE_FLAT = "In Münster ist eine passende Wohnung frei."
SEALED = re.compile(r"eyJ[\w-]+(\.[\w-]+){4}")
"""What is sealed (JWE, compact); a short name may stand in its letters by chance."""


async def test_a_family_is_heard_and_two_persons_decide_with_individual_reasons(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await ready(desk, household)
    refused = await desk.act("planner-as-signatory", path, "signature", {"digest": await digest(desk, household)})
    assert (refused.status_code, refused.json()["type"].split("/")[-1]) == (409, "drafter-cannot-sign")
    other = await desk.act("signatory", path, "signature", {"digest": "0" * 64})
    assert other.json()["type"].split("/")[-1] == "letter-changed"
    decided = await desk.done("signatory", path, "signature", {"digest": await digest(desk, household)})
    assert decided["state"] == "decided"
    assert await told(desk) == ["household-announced", "allocation-proposed", "allocation-decided"]
    letter = next(each for each in await orders(desk) if each["template"] == "allocation-decision")
    assert letter["act_id"] == decided["decisions"][0]["id"]
    assert letter["content_digest"] == decided["decisions"][0]["letter_digest"]
    facts = letter["content"]["facts"]
    assert (facts["chosen"]["ags"], len(facts["alternatives"])) == (MUENSTER, 3)
    assert facts["hearing"]["reply"] == "In Köln ist kein Wohnraum frei."
    assert (facts["plan"]["run_id"], facts["plan"]["input_root"]) == (str(RUN), ROOT)
    assert facts["decided_by_name"] == "Elif Sander"


async def test_what_no_figure_of_the_household_bears_is_not_drafted(desk: Any) -> None:
    """VG Arnsberg 2017: the answer of the family needs its own answer, a town against the figures its own reason."""
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await desk.done("planner", path, "hearing")
    await desk.done("planner", path, "hearing-answer", {"said": "Lieber nach Köln.", "wishes": [KOELN]})
    refused = await desk.act("planner", path, "draft", {"weighing": ["Die Zuweisung ist ermessensgerecht."]})
    assert (refused.status_code, refused.json()["type"].split("/")[-1]) == (422, "reasons-missing")
    assert "/reply_to_family" in refused.text
    silent = await desk.act("planner", path, "draft", {"reply_to_family": "In Köln ist kein Wohnraum frei."})
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "/weighing")


async def test_the_comparison_is_that_of_the_frozen_run(desk: Any) -> None:
    household = await proposed(desk, MUENSTER, wishes=(KOELN,), relatives_in=DORTMUND)
    shown = (await desk.get("planner", f"/placements/{household}/comparison")).json()
    assert shown["chosen"]["ags"] == MUENSTER
    assert {town["ags"] for town in shown["alternatives"]} >= {DORTMUND}
    assert (shown["run_id"], shown["input_root"]) == (str(RUN), ROOT)


async def test_who_does_not_answer_in_time_is_decided_on_the_file(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    asked = await desk.done("planner", path, "hearing")
    answer_by = date.fromisoformat(asked["hearings"][0]["answer_by"])
    for day, state in ((answer_by, "proposed"), (answer_by + timedelta(days=1), "heard")):
        desk.calendar.day = day
        await desk.run(lambda work: end_hearing_period(UUID(household), work))
        assert (await desk.get("planner", path)).json()["state"] == state
    letter = next(each for each in await orders(desk) if each["template"] == "allocation-hearing")
    assert letter["content"]["facts"]["answer_by"] == answer_by.isoformat()
    assert letter["act_id"] is None
    drafted = await desk.done("planner", path, "draft", {"weighing": [FREE_FLAT]})
    assert drafted["state"] == "ready"


async def test_the_kultusgemeinde_is_heard_for_jewish_immigrants(desk: Any) -> None:
    household = await proposed(desk, MUENSTER, Group.JEWISH_IMMIGRANTS)
    path = f"/placements/{household}"
    await desk.done("planner", path, "hearing")
    await desk.done("planner", path, "hearing-answer", {"said": "Gern."})
    reply = {"weighing": [FREE_FLAT], "reply_to_family": "Ihrem Wunsch folge ich."}
    assert (await desk.act("planner", path, "draft", reply)).status_code == 409
    await desk.done("planner", path, "community-hearing")
    await desk.done("planner", path, "community-answer", {"supports": True, "said": "Wir nehmen die Familie auf."})
    await desk.done("planner", path, "draft", reply | {"reply_to_community": "Dem folge ich."})
    content = (await desk.get("signatory", f"{path}/letter-content")).json()["content"]
    assert content["facts"]["community"]["supports"] is True


async def test_a_decision_becomes_final_or_its_letter_is_ordered_again_as_it_was_signed(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await ready(desk, household)
    decision = (await desk.done("signatory", path, "signature", {"digest": await digest(desk, household)}))[
        "decisions"
    ][0]
    about = {"ordered_by": "allocation", "concerns": UUID(household), "act_id": UUID(decision["id"])}
    back = NotificationReturned(
        notification_id=UUID(decision["letter_id"]), channel=Channel.LETTER, reason=ReturnReason.UNKNOWN_AT_ADDRESS,
        dispatched_on=desk.calendar.day, returned_on=desk.calendar.day, **about,
    )  # fmt: skip
    await desk.consume(messages.a_letter_that_came_back_announced_nothing, back)
    assert (await desk.get("planner", path)).json()["waits_for"] == "planner"
    again = await desk.done("planner", path, "letter-order", {"letter_id": decision["letter_id"]})
    sent = [each for each in await orders(desk) if each["template"] == "allocation-decision"]
    assert [each["notification_id"] for each in sent] == [decision["letter_id"], again["decisions"][0]["letter_id"]]
    assert sent[0]["content"] == sent[1]["content"]
    told_of = {**about, "notification_id": UUID(again["decisions"][0]["letter_id"])}
    ends = desk.calendar.day + timedelta(days=30)
    announced = NotificationAnnounced(
        channel=Channel.LETTER, announced_on=desk.calendar.day, remedy_ends_on=ends, **told_of
    )
    await desk.consume(messages.an_announcement_starts_the_remedy_period, announced)
    ended = RemedyPeriodEnded(announced_on=desk.calendar.day, last_day=ends, ended_on=ends, **told_of)
    await desk.consume(messages.the_end_of_the_remedy_period_makes_a_decision_final, ended)
    final = (await desk.get("planner", path)).json()["decisions"][0]
    assert (final["remedy_ends_on"], final["final_on"]) == (ends.isoformat(), ends.isoformat())
    foreign = announced.model_copy(update={"act_id": uuid4()})
    with pytest.raises(Unprocessable):
        await desk.consume(messages.an_announcement_starts_the_remedy_period, foreign)


async def test_a_mail_to_a_town_that_failed_is_ordered_again(desk: Any) -> None:
    await proposed(desk, MUENSTER)
    (mail,) = await orders(desk)
    assert mail["content"]["addressee"] == {"email": "aufnahme@muenster.example"}
    assert mail["content"]["facts"]["placements"] == 1
    failed = NotificationFailed(
        notification_id=UUID(mail["notification_id"]), ordered_by="allocation", concerns=RUN, channel=Channel.EMAIL,
        reason=FailureReason.RECIPIENT_REFUSED, final=True,
    )  # fmt: skip
    await desk.consume(messages.a_failed_letter_is_left_to_a_planner, failed)
    (line,) = (await desk.get("planner", "/town-notices/failed")).json()["items"]
    assert (line["ags"], line["occasion"]) == (MUENSTER, "proposed")
    assert (await desk.post("planner", f"/town-notices/{line['id']}/order")).status_code == 201
    assert (await desk.get("planner", "/town-notices/failed")).json()["items"] == []
    assert len(await orders(desk)) == 2


async def test_after_a_decision_another_town_needs_two_persons_again_and_the_letter_names_what_it_replaces(
    desk: Any,
) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await ready(desk, household)
    await desk.done("signatory", path, "signature", {"digest": await digest(desk, household)})
    revised = await desk.done("planner", path, "revision", {"ags": DORTMUND, "explanation": "Die Wohnung brannte."})
    assert (revised["state"], revised["ags"], len(revised["decisions"])) == ("proposed", DORTMUND, 1)
    await ready(desk, household)
    facts = (await desk.get("signatory", f"{path}/letter-content")).json()["content"]["facts"]
    assert (facts["chosen"]["ags"], facts["replaces_decision_of"]) == (DORTMUND, desk.calendar.day.isoformat())
    again = await desk.done("signatory", path, "signature", {"digest": await digest(desk, household)})
    assert [each["ags"] for each in again["decisions"]] == [MUENSTER, DORTMUND]
    entries = await desk.rows("SELECT ags, sum(persons) AS persons FROM booking GROUP BY ags HAVING sum(persons) <> 0")
    assert [(row.ags, row.persons) for row in entries] == [(DORTMUND, 4)]


async def test_a_signature_waits_until_the_town_may_no_longer_object(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await desk.done("planner", path, "hearing")
    await desk.done("planner", path, "hearing-answer", {"said": "Gern."})
    drafted = await desk.done("planner", path, "draft", {"weighing": [FREE_FLAT], "reply_to_family": "Dem folge ich."})
    signature = {"digest": await digest(desk, household)}
    assert (await desk.act("signatory", path, "signature", signature)).status_code == 409
    desk.calendar.day = date.fromisoformat(drafted["object_until"]) + timedelta(days=1)
    await desk.run(lambda work: end_objection_period(UUID(household), work))
    assert (await desk.act("signatory", path, "signature", signature)).is_success


async def test_nothing_about_a_family_leaves_its_file(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    await ready(desk, household)
    path = f"/placements/{household}"
    await desk.done("signatory", path, "signature", {"digest": await digest(desk, household)})
    rows = await desk.rows("SELECT audit::text AS row FROM audit")
    rows += await desk.rows("SELECT convert_from(payload, 'utf-8') AS row FROM outbox")
    rows += await desk.rows("SELECT placement::text AS row FROM placement")
    kept = SEALED.sub("", json.dumps([row.row for row in rows], ensure_ascii=False))
    for planted in ("Muster", "Ada", "Köln", "Wohnraum", "Schule", "Heimkehrer", "Friedland"):
        assert planted not in kept, planted
