"""Households of a list get their towns: a proven plan, an objection, a repair, two persons, letters, the towns know."""

from typing import Any

import pytest
from tests.harness.allocation import LATE_REPATRIATES, Home, announced
from tests.harness.bus import until
from tests.harness.office import Office

from kfi_contracts.allocation import (
    AllocationDecided,
    AllocationProposed,
    AllocationRevised,
    ArrivalConfirmed,
    PlacementAgreed,
)
from kfi_contracts.notifications import NotificationDispatched
from kfi_stack.demo.allocating import TOWNS, Allocating, run_path
from kfi_stack.demo.people import BIELEFELD, DORTMUND, MUENSTER
from kfi_stack.demo.person import Answer, Json, Refused
from kfi_stack.demo.town_client import DOORS, TownClient, kind_of
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
OVERLOADED = {"reason": "overloaded", "explanation": "Die Stadt hat keinen Platz."}
UPHELD = {"upheld": True, "explanation": "Das trifft zu."}


async def test_households_of_a_list_get_their_towns_and_the_towns_know(steps: Allocating, office: Office) -> None:
    listed, (core, coordinated, other) = await announced(
        steps, [Home(2, joins="Münster"), Home(joins="Dortmund", group=LATE_REPATRIATES), Home()]
    )
    accepted = await _accepted(steps, await steps.frozen(listed))
    for household in (core, coordinated, other):
        await office.event(AllocationProposed, household_id=household)
    await _objected_and_repaired(steps, office, accepted, other)
    await steps.act(steps.people.planner, coordinated, "family-answer", {"agrees": True})
    await steps.act_as_town(DORTMUND, coordinated, "agreement")
    await office.event(PlacementAgreed, household_id=coordinated, ags=DORTMUND)
    await _decided(steps, office, core)
    for household in (core, coordinated):
        for letter in (await steps.placement(household)).document["letters"]:
            await office.event(NotificationDispatched, notification_id=str(letter["id"]))
    await until(lambda: _tells(steps, MUENSTER, core, "decided"), "Münster's feed tells the decision")
    told = {ags: [one["data"].get("household_id") for one in await _feed(steps, ags)] for ags in (MUENSTER, DORTMUND)}
    assert core not in told[DORTMUND]
    assert coordinated not in told[MUENSTER]


async def test_a_towns_client_hears_the_same_by_feed_webhook_and_topic_and_says_who_has_come(
    steps: Allocating, office: Office, platform: Platform
) -> None:
    client = TownClient(platform, BIELEFELD)
    await client.begin()
    try:
        listed, (coming, elsewhere) = await announced(
            steps, [Home(2, joins="Bielefeld", group=LATE_REPATRIATES), Home(joins="Dortmund")]
        )
        await _accepted(steps, await steps.frozen(listed))
        await steps.act(steps.people.planner, coming, "family-answer", {"agrees": True})
        await steps.act_as_town(BIELEFELD, coming, "agreement")
        assert await client.ask("arrived", coming, "2", office.calendar.today().isoformat()) == "arrived"
        await office.event(ArrivalConfirmed, household_id=coming, ags=BIELEFELD)
        for door in DOORS:
            await until(lambda door=door: _hears(client, door, coming), f"the {door} tells the arrival")
    finally:
        await client.end()
    first, *others = ([_facts(event) for event in client.heard(door)] for door in DOORS)
    feed = [_facts(event) for event in await _feed(steps, BIELEFELD)]
    assert [each[1] for each in first if each[-1].get("household_id") == coming] == [
        f"de.nrw.kfi.municipality.{what}.v1" for what in ("placement-proposed", "placement-agreed", "arrival-confirmed")
    ]
    assert others == [first, first]
    assert first == feed[-len(first) :]
    assert elsewhere not in {each[-1].get("household_id") for each in first}
    assert {client.households(door)[coming]["state"] for door in DOORS} == {"arrived"}
    endpoint = await steps.towns[BIELEFELD].get(f"{TOWNS}/{BIELEFELD}/webhooks/{client.webhook}")
    assert (endpoint.document["state"], endpoint.document["failures"]) == ("active", 0)


async def test_the_second_of_two_planners_is_told(steps: Allocating) -> None:
    listed, _ = await announced(steps, [Home()])
    frozen = await steps.frozen(listed)
    await steps.started(frozen)
    with pytest.raises(Refused) as told:
        await steps.started(frozen)
    assert (told.value.status, told.value.kind) == (412, "version-mismatch")
    await steps.ended(frozen)


async def test_a_town_knows_nothing_of_another_towns_household(steps: Allocating) -> None:
    listed, (household,) = await announced(steps, [Home(joins="Münster")])
    await _accepted(steps, await steps.frozen(listed))
    for address in (f"{TOWNS}/{MUENSTER}/placements/{household}", f"{TOWNS}/{DORTMUND}/placements/{household}"):
        with pytest.raises(Refused) as told:
            await steps.towns[DORTMUND].get(address)
        assert told.value.kind == "not-found"


async def _accepted(steps: Allocating, frozen: Answer) -> Answer:
    proved = await steps.ended(await steps.started(frozen))
    assert proved.document["state"] == "proved", proved.document
    assert float(proved.document["outcome"]["gap"]) <= 0.001
    return await steps.accepted(proved)


async def _objected_and_repaired(steps: Allocating, office: Office, run: Answer, household: str) -> None:
    """A planner enters the objection of a town, agrees with it, and moves this household and no other."""
    planner, before = steps.people.planner, (await steps.placement(household)).document["ags"]
    await steps.act(planner, household, "objection", OVERLOADED)
    await steps.act(planner, household, "objection-ruling", UPHELD)
    repaired = await steps.ended(await steps.started(await steps.repairing(run, "objection-upheld")))
    plan = (await planner.get(f"{run_path(repaired)}/plan")).document
    assert [move["household_id"] for move in plan["moves"]] == [household]
    await steps.accepted(repaired)
    revised = await office.event(AllocationRevised, household_id=household)
    assert revised.from_ags == before != revised.to_ags


async def _decided(steps: Allocating, office: Office, household: str) -> None:
    planner, ags = steps.people.planner, (await steps.placement(household)).document["ags"]
    await steps.act(planner, household, "hearing")
    await steps.act(planner, household, "hearing-answer", {"said": "Wir sind einverstanden."})
    await steps.act_as_town(ags, household, "agreement")
    await steps.act(
        planner, household, "draft", {"weighing": ["Der Ort passt."], "reply_to_family": "Dem Wunsch wird entsprochen."}
    )
    with pytest.raises(Refused) as told:
        await steps.signed(steps.people.planner_as_signatory, household)
    assert told.value.kind == "drafter-cannot-sign"
    await steps.signed(steps.people.allocation_signatory, household)
    await office.event(AllocationDecided, household_id=household, ags=ags)


async def _feed(steps: Allocating, ags: str) -> list[Json]:
    return await steps.towns[ags].told(f"{TOWNS}/{ags}/feed")


def _facts(event: Json) -> tuple[Any, ...]:
    """What every door must tell of an event."""
    return int(event["sequence"]), event["type"], event["id"], event["subject"], event.get("dataref"), event["data"]


async def _hears(client: TownClient, door: str, household: str) -> bool:
    return any(kind_of(one) == "arrival-confirmed" and one["data"]["household_id"] == household
               for one in client.heard(door))  # fmt: skip


async def _tells(steps: Allocating, ags: str, household: str, what: str) -> bool:
    told = [one for one in await _feed(steps, ags) if one["data"].get("household_id") == household]
    return any(what in one["type"] for one in told)
