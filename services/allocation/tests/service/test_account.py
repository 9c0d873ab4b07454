"""The account over HTTP: a town recomputes it offline to the last digit from what it was given."""

import json
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kfi_allocation.command import main
from kfi_allocation.work import AllocationWork
from kfi_chassis.canonical import canonical_json, digest
from kfi_law.municipalities import register

pytestmark = pytest.mark.servers
POLICY: dict[str, Any] = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))
MUENSTER, DORTMUND = "05515000", "05913000"


def told(answer: Any, status: int, kind: str) -> list[str]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return [error["field"] for error in answer.json().get("errors", [])]


@pytest.fixture
async def booked(desk: Any) -> Any:
    """The desk with a policy in force and a life of two towns in the ledger."""
    credits_ = [{"name": "placed", "months": None}, {"name": "section-24", "months": 36}]
    policy = POLICY | {"account": POLICY["account"] | {"credits": credits_, "stop_at_full": True}}
    await desk.post("planner", "/policies", policy)
    await desk.done("signatory", f"/policies/{POLICY['version']}", "approval")
    homes = [uuid4() for _ in range(3)]

    async def live(work: AllocationWork) -> None:
        today = work.calendar.today()
        await work.ledger.placed({homes[0]: (MUENSTER, 4), homes[1]: (DORTMUND, 3), homes[2]: (MUENSTER, 7)}, today)
        await work.ledger.arrived(homes[0], MUENSTER, 5, today)
        await work.ledger.will_not_come([homes[2]], today)

    await desk.run(live)
    return desk


async def test_a_town_recomputes_its_account_to_the_last_digit(
    booked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "account.json"
    file.write_bytes((await booked.get("muenster", f"/municipalities/{MUENSTER}/account")).content)
    shown = (await booked.get("muenster", f"/municipalities/{MUENSTER}/account/line")).json()
    assert main(["account", "recompute", str(file), "--town", MUENSTER, "--json"]) == 0
    recomputed = json.loads(capsys.readouterr().out)
    (line,) = recomputed["towns"]
    assert {name: shown[name] for name in line} == line
    assert (line["counted"], Fraction(line["duty"]) > 0) == (5, True)
    assert [entry["number"] for entry in recomputed["entries"]] == [1, 3, 4, 5, 6]
    assert sum(entry["counted"] for entry in recomputed["entries"]) == 5


async def test_a_town_asks_what_if_with_the_same_file(
    booked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "account.json"
    file.write_bytes((await booked.get("muenster", f"/municipalities/{MUENSTER}/account")).content)
    asked = ["account", "what-if", str(file), "--announced", "120", "--intake", f"{MUENSTER}=9", "--town", MUENSTER]
    assert main([*asked, "--json"]) == 0
    supposed = json.loads(capsys.readouterr().out)
    assert (supposed["announced"], supposed["towns"][0]["counted"]) == (120, 14)


async def test_all_towns_together_are_the_account_of_each(booked: Any) -> None:
    whole = (await booked.get("planner", "/account")).json()
    part = (await booked.get("dortmund", f"/municipalities/{DORTMUND}/account")).json()
    assert (whole["published"][MUENSTER], whole["published"][DORTMUND]) == (5, 3)
    assert part["published"] == {ags: persons for ags, persons in whole["published"].items() if ags != DORTMUND}
    assert {entry["ags"] for entry in part["entries"]} == {DORTMUND}
    told(await booked.get("muenster", "/account"), 403, "forbidden")


async def test_a_published_account_is_exact_public_and_told_by_its_digest(booked: Any) -> None:
    made = await booked.post("planner", "/quota-publications")
    assert made.status_code == 201, made.text
    for who in ("dortmund", "signatory", "auditor"):
        seen = (await booked.get(who, f"/quota-publications/{made.json()['id']}")).json()
        assert digest(canonical_json(seen["document"])) == seen["digest"] == made.json()["digest"]
    towns = {town["ags"]: town for town in seen["document"]["towns"]}
    assert (len(towns), towns[MUENSTER]["intake"], towns[DORTMUND]["credit"]) == (396, 5, 3)
    assert sum(Fraction(town["duty"]) for town in towns.values()) == 8
    (event,) = await booked.rows("SELECT * FROM outbox WHERE topic = 'allocation.plan.v1'")
    data = json.loads(bytes(event.payload))
    assert (data["digest"], data["as_of"], data["policy_version"]) == (seen["digest"], "2026-03-09", "population-2026")
    assert len((await booked.get("dortmund", "/quota-publications")).json()["items"]) == 1
    told(await booked.post("muenster", "/quota-publications"), 403, "forbidden")
    told(await booked.get("caseworker", "/quota-publications"), 403, "forbidden")


CREDIT = {"ags": DORTMUND, "on": "2026-03-01", "kind": "credit", "persons": 12, "because": "recognised",
          "credit": "section-24"}  # fmt: skip
CORRECTION = {"ags": MUENSTER, "on": "2026-03-09", "kind": "correction", "persons": -1, "because": "mistake"}


async def test_a_planner_books_credits_and_corrections_that_meet_an_entry(booked: Any) -> None:
    credit = await booked.post("planner", "/bookings", CREDIT)
    assert (credit.status_code, credit.json()["number"]) == (201, 7)
    corrected = await booked.post("planner", "/bookings", CORRECTION | {"corrects": 5})
    assert (corrected.status_code, corrected.json()["corrects"]) == (201, 5), corrected.text
    whole = (await booked.get("planner", "/account")).json()
    assert (whole["published"][MUENSTER], whole["published"][DORTMUND]) == (4, 15)
    listed = (await booked.get("dortmund", f"/municipalities/{DORTMUND}/bookings", limit=1)).json()
    rest = (await booked.get("dortmund", f"/municipalities/{DORTMUND}/bookings", cursor=listed["next"])).json()
    assert [one["number"] for one in [*listed["items"], *rest["items"]]] == [2, 7]


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (CORRECTION, "booking-not-possible", "/corrects"),
        (CORRECTION | {"corrects": 99}, "booking-not-possible", "/corrects"),
        (CORRECTION | {"corrects": 5, "persons": -6}, "booking-not-possible", "/persons"),
        (CORRECTION | {"corrects": 5, "on": "2026-03-08"}, "booking-not-possible", "/on"),
        (CORRECTION | {"corrects": 5, "ags": DORTMUND}, "booking-not-possible", "/corrects"),
        (CREDIT | {"ags": "05999999"}, "booking-not-possible", "/ags"),
        (CREDIT | {"persons": -1}, "booking-not-possible", "/persons"),
        (CREDIT | {"credit": "placed"}, "booking-not-possible", "/credit"),
        (CREDIT | {"credit": None}, "booking-not-possible", "/credit"),
        (CREDIT | {"on": "2026-03-10"}, "day-not-possible", "/on"),
        (CREDIT | {"until": "2026-02-01"}, "day-not-possible", "/until"),
    ],
)
async def test_what_the_account_cannot_hold_is_told_by_field(
    booked: Any, body: dict[str, Any], kind: str, field: str
) -> None:
    assert told(await booked.post("planner", "/bookings", body), 422, kind) == [field]
    assert (await booked.rows("SELECT max(number) AS last FROM booking"))[0].last == 6


async def test_the_account_of_an_earlier_day_is_the_one_of_that_day(booked: Any) -> None:
    await booked.post("planner", "/bookings", CREDIT)
    asked = f"/municipalities/{DORTMUND}/account/line"
    counted = [
        (await booked.get("dortmund", asked, as_of=day)).json()["counted"] for day in ("2026-02-28", "2026-03-01")
    ]
    assert counted == [0, 12]
    told(await booked.get("dortmund", asked, as_of="2025-12-31"), 409, "no-policy-in-force")


async def test_the_key_of_population_and_area_and_a_new_series_of_area_are_data(
    desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packaged = json.loads(files("kfi_allocation").joinpath("policies", "population-area-2026.json").read_text("utf-8"))
    heads = {name: packaged.pop(name) for name in ("version", "valid_from")}
    area = {town.ags: 1 for town in register()} | {DORTMUND: 100_000}
    figures = "".join(f"{ags},{figure}\n" for ags, figure in area.items())
    series = {
        "name": "area", "basis": "survey-2025", "counted_on": "2025-12-31", "holds_from": "2026-03-09",
        "source": "Geobasis NRW; dl-de/zero-2-0", "file": f"ags,figure\n{figures}",
    }  # fmt: skip
    assert (await desk.post("planner", "/series", series)).status_code == 201
    assert (await desk.post("planner", "/policies", POLICY | heads | {"account": packaged})).status_code == 201
    await desk.done("signatory", f"/policies/{heads['version']}", "approval")
    await desk.post("planner", "/bookings", CREDIT)

    file = tmp_path / "account.json"
    file.write_bytes((await desk.get("dortmund", f"/municipalities/{DORTMUND}/account")).content)
    assert main(["account", "recompute", str(file), "--town", DORTMUND, "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["towns"]
    shown = (await desk.get("dortmund", f"/municipalities/{DORTMUND}/account/line")).json()
    assert {name: shown[name] for name in line} == line
    told_of = {one["name"]: one for one in json.loads(file.read_text())["series"]}
    people = {ags: int(figure) for ags, figure in told_of["population"]["by_ags"].items()}
    assert Fraction(line["key"]) == Fraction(5 * people[DORTMUND], 4 * sum(people.values())), "the gain has its cap"
    assert (told_of["area"]["counted_on"], told_of["area"]["source"]) == (
        "2025-12-31", "survey-2025: Geobasis NRW; dl-de/zero-2-0",
    )  # fmt: skip
