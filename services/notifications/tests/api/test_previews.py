"""A letter is looked at before it exists: marked unless it is the very file, and nothing of it stays behind."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from kfi_contracts.letters import (
    GrantDecisionFacts,
    GrantRejectionFacts,
    LetterContent,
    MessageWaitsFacts,
    content_bytes,
    content_digest,
)
from kfi_contracts.procedural_letters import InformationRequestFacts
from kfi_notifications.tables import metadata

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
SIGNER = "funding-signatory#Dr. Anna Beispiel"


def asked(content: LetterContent, **more: object) -> dict[str, object]:
    return {"content": json.loads(content_bytes(content)), **more}


def digest_of(content: LetterContent) -> str:
    return content_digest(content_bytes(content))


async def test_what_is_seen_before_the_signature_is_byte_for_byte_what_leaves(
    office: Any, door: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    content = content_of(grant_facts, summary="ar")
    seen = await door.post("/previews", asked(content, digest=digest_of(content)), role=SIGNER)
    assert (seen.status_code, seen.headers["Letter-Draft"]) == (200, "false")
    assert seen.headers["Letter-Digest"] == digest_of(content)
    assert seen.headers["Letter-Dated-On"] == "2026-03-09"
    notification_id = await office.accept(office.order(content))
    await office.deliver()
    left = await door.get(f"/notifications/{notification_id}/document")
    assert left.content == seen.content
    assert left.headers["ETag"] == seen.headers["ETag"]


async def test_a_draft_is_marked_and_is_another_file(
    door: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    content = content_of(grant_facts)
    draft = await door.post("/previews", asked(content), role=SIGNER)
    final = await door.post("/previews", asked(content, digest=digest_of(content)), role=SIGNER)
    assert draft.headers["Letter-Draft"] == "true"
    assert draft.headers["ETag"] != final.headers["ETag"]
    assert draft.headers["Letter-Digest"] == final.headers["Letter-Digest"]


@pytest.mark.parametrize(
    "who", ["funding-signatory#Jonas Weidmann", "funding-signatory", "funding-caseworker#Dr. Anna Beispiel"]
)
async def test_only_who_signs_sees_a_letter_without_the_mark(
    door: Any, grant_facts: GrantDecisionFacts, content_of: Contents, who: str
) -> None:
    content = content_of(grant_facts)
    answer = await door.post("/previews", asked(content, digest=digest_of(content)), role=who)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-the-signer")
    assert (await door.post("/previews", asked(content), role=who)).headers["Letter-Draft"] == "true"


async def test_a_letter_that_is_no_act_is_seen_by_the_caseworker_who_writes_it(
    door: Any, information_facts: InformationRequestFacts, content_of: Contents
) -> None:
    content = content_of(information_facts)
    body = asked(content, digest=digest_of(content))
    answer = await door.post("/previews", body, role="funding-caseworker#Jonas Beispiel")
    assert answer.headers["Letter-Draft"] == "false"


async def test_another_digest_than_that_of_the_content_is_told(
    door: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    content, other = content_of(grant_facts), content_of(grant_facts, city="Hagen")
    answer = await door.post("/previews", asked(content, digest=digest_of(other)), role=SIGNER)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/digest-differs")


@pytest.mark.parametrize("role", ["auditor", "operator", "applicant@verein"])
async def test_nobody_else_may_look(
    door: Any, grant_facts: GrantDecisionFacts, content_of: Contents, role: str
) -> None:
    assert (await door.post("/previews", asked(content_of(grant_facts)), role=role)).status_code == 403


async def test_nothing_of_a_preview_is_stored_or_logged(
    office: Any, door: Any, grant_facts: GrantDecisionFacts, content_of: Contents, capfd: pytest.CaptureFixture[str]
) -> None:
    content = content_of(grant_facts)
    await door.post("/previews", asked(content), role=SIGNER)
    await door.post("/previews", asked(content, digest=digest_of(content)), role=SIGNER)

    async def rows(work: Any) -> dict[str, int]:
        names = [table for table in metadata.sorted_tables if table.name != "schema_revision"]
        return {
            t.name: (await work.connection.execute(select(func.count()).select_from(t))).scalar_one() for t in names
        }

    assert set((await office.run(rows)).values()) == {0}
    assert office.spooled() == []
    told = capfd.readouterr()
    secrets = (content.addressee.organisation, "Łukasiewicz", grant_facts.project_title, content.reference)
    assert [secret for secret in secrets if secret in told.out + told.err] == []


async def test_a_fact_that_is_unknown_or_missing_is_named_and_nothing_sent_is_repeated(
    door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    body: Any = asked(content_of(rejection_facts))
    body["content"]["facts"]["SECRET"] = "SECRET"
    del body["content"]["addressee"]["city"]
    answer = await door.post("/previews", body, role=SIGNER)
    assert answer.status_code == 422
    assert "SECRET" not in answer.text
    reasons = {(error["field"], error["reason"]) for error in answer.json()["errors"]}
    assert reasons == {("/content/addressee/city", "missing"), ("/content/facts/*", "unknown_field")}


@pytest.mark.parametrize("body", [{}, {"content": None}, {"content": []}, {"content": {"facts": {"kind": "x"}}}, None])
async def test_a_body_that_is_no_letter_is_refused(door: Any, body: Any) -> None:
    answer = await door.post("/previews", body, role=SIGNER)
    assert answer.status_code == 422


async def test_an_email_is_no_letter_and_an_unknown_template_or_summary_is_told(
    door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    for content in (
        content_of(MessageWaitsFacts()),
        content_of(rejection_facts, template_version=7),
        content_of(rejection_facts, summary="fr"),
        content_of(rejection_facts, ags="00000000"),
    ):
        answer = await door.post("/previews", asked(content), role=SIGNER)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/letter-cannot-be-set")


async def test_a_letter_longer_than_an_order_may_be_is_refused(
    door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    long = rejection_facts.model_copy(update={"reasons": ("Grund. " * 500,) * 14})
    answer = await door.post("/previews", asked(content_of(long)), role=SIGNER)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/letter-too-large")


_AGAIN = """
import asyncio, sys
from datetime import date
from kfi_chassis.settings import Profile
from kfi_contracts.letters import read_content
from kfi_notifications.configuration import DEMO, SUMMARIES, read_courts, read_letterhead, read_summaries
from kfi_notifications.press import Press
test = Profile.TEST
press = Press(read_letterhead(DEMO / "letterhead.toml", test), read_courts(DEMO / "courts.toml", test),
              read_summaries(SUMMARIES, test))
content = read_content(sys.stdin.buffer.read())
print(asyncio.run(press.print(content, dated_on=date(2026, 3, 9))).sha256)
"""


async def test_a_letter_set_again_in_other_processes_has_the_same_bytes(
    office: Any, door: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    content = content_of(grant_facts, summary="uk")
    notification_id = await office.accept(office.order(content))
    await office.deliver()
    kept = (await door.get(f"/notifications/{notification_id}")).json()["document_sha256"]
    for seed in ("1", "2"):
        again = subprocess.run(  # noqa: ASYNC221 - two short programs, one after the other
            [sys.executable, "-c", _AGAIN],
            input=content_bytes(content),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland", "LC_ALL": "C"},
        )
        assert again.stdout.decode().strip() == kept


async def test_a_decision_on_a_town_is_seen_byte_for_byte_by_the_signatory_of_allocation(
    office: Any, door: Any, example_of: Callable[..., LetterContent]
) -> None:
    content = example_of("allocation-decision", summary="uk")
    body = asked(content, digest=digest_of(content))
    for role in ("funding-signatory#M. Beispiel", "allocation-planner#M. Beispiel", "allocation-signatory#A. Muster"):
        refused = await door.post("/previews", body, role=role)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-the-signer")
    seen = await door.post("/previews", body, role="allocation-signatory#M. Beispiel")
    assert (seen.status_code, seen.headers["Letter-Draft"]) == (200, "false")
    notification_id = await office.accept(office.order(content, ordered_by="allocation"))
    await office.deliver()
    left = await door.get(f"/notifications/{notification_id}/document", role="allocation-signatory")
    assert left.content == seen.content


@pytest.mark.parametrize("kind", ["allocation-hearing", "placement-agreement"])
async def test_a_planner_sees_the_letters_that_announce_no_act_without_the_mark(
    door: Any, example_of: Callable[..., LetterContent], kind: str
) -> None:
    content = example_of(kind)
    body = asked(content, digest=digest_of(content))
    seen = await door.post("/previews", body, role="allocation-planner#A. Muster")
    assert (seen.status_code, seen.headers["Letter-Draft"]) == (200, "false")


async def test_an_email_has_no_preview(door: Any, example_of: Callable[..., LetterContent]) -> None:
    answer = await door.post("/previews", asked(example_of("municipality-notice")), role="allocation-planner")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/letter-cannot-be-set")
