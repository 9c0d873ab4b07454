"""Cases are found by names nobody can read in the database; who looked and what was found is on record."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kfi_applications.works import ApplicationsWork
from kfi_chassis.identity import SYSTEM

pytestmark = pytest.mark.servers


async def filed(desk: Any, body: Any, name: str, attention: str, email: str = "post@a.example", **project: str) -> str:
    return str(
        await desk.filed(
            applicant=body["applicant"] | {"name": name},
            addressee=body["addressee"] | {"attention": attention, "email": email},
            project=body["project"] | project,
        )
    )


async def found(desk: Any, text: str, who: str = "caseworker", path: str = "/applications/search") -> list[str]:
    answer = await desk.post(who, path, {"text": text})
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["items"]]


@pytest.fixture
async def cases(desk: Any, application_body: Any) -> list[str]:
    return [
        await filed(
            desk,
            application_body,
            "Bunter Verein Köln e.V.",
            "Zeynep Çağlar",
            "z.caglar@bunt.example",
        ),
        await filed(desk, application_body, "Verein Brücke e.V.", "Jürgen Köln"),
        await filed(desk, application_body, "Sprachcafé", "Zeynep Öztürk"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("verein", [1, 0]),
        ("VEREIN brucke", [1]),
        ("zeynep", [2, 0]),
        ("Zeynep CAGLAR", [0]),
        ("köln", [1, 0]),
        ("Z.Caglar@bunt.example", [0]),
        ("caglar@bunt.example", []),
        ("ver", []),
        ("---", []),
    ],
)
async def test_all_words_of_the_applicants_and_the_contacts_name_are_found(
    desk: Any, cases: list[str], text: str, expected: list[int]
) -> None:
    assert await found(desk, text) == [cases[number] for number in expected]


async def test_a_search_is_on_record_by_what_it_found_and_without_the_name(desk: Any, cases: list[str]) -> None:
    await found(desk, "Çağlar")
    rows = await desk.rows("SELECT subject, details FROM audit WHERE action = 'searched'")
    assert [(row.subject, row.details) for row in rows] == [("caseworker", {"found": cases[0]})]


async def test_a_case_whose_address_was_corrected_is_found_by_the_new_one_alone(desk: Any, cases: list[str]) -> None:
    async def correct(work: ApplicationsWork) -> None:
        application = await work.applications.get_to_change(UUID(cases[1]))
        application.addressee = replace(application.addressee, attention="Ada Neumann")
        await work.applications.save(application)

    await desk.transactions.run(correct, actor=SYSTEM("applications"))
    assert (await found(desk, "Neumann"), await found(desk, "Jürgen")) == ([cases[1]], [])


async def test_pages_follow_one_another_without_a_gap(desk: Any, cases: list[str]) -> None:
    first = (await desk.post("auditor", "/applications/search?limit=1", {"text": "Verein"})).json()
    second = await found(desk, "Verein", path=f"/applications/search?limit=1&cursor={first['next']}")
    assert [first["items"][0]["id"], *second] == [cases[1], cases[0]]


@pytest.mark.parametrize("who", ["association", "operator"])
async def test_only_staff_looks_for_people(desk: Any, cases: list[str], who: str) -> None:
    assert (await desk.post(who, "/applications/search", {"text": "Verein"})).status_code == 403


@pytest.mark.parametrize("body", [{}, {"text": "x"}, {"text": "x" * 201}, {"text": "a\nb"}, {"text": "ab", "more": 1}])
async def test_what_is_no_name_is_refused(desk: Any, body: Any) -> None:
    assert (await desk.post("caseworker", "/applications/search", body)).status_code == 422


async def test_a_second_application_for_the_same_project_is_noticed_by_staff_alone(
    desk: Any, application_body: Any
) -> None:
    one = await filed(desk, application_body, "Verein Brücke e.V.", "A", title="Nähcafé")
    other = await filed(desk, application_body, "VEREIN BRÜCKE e. V.", "B", title="Nähcafé ")
    alone = await filed(desk, application_body, "Verein Brücke e.V.", "A", title="Sprachkurs")
    seen = {case: (await desk.get("caseworker", f"/applications/{case}")).json() for case in (one, other, alone)}
    assert {case: view["duplicates"] for case, view in seen.items()} == {one: [other], other: [one], alone: []}
    assert (await desk.get("association", f"/applications/{one}")).json()["duplicates"] == []
