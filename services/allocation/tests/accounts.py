"""Small accounts for tests."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

TOWNS = ("010", "020", "030", "040")
POLICY: dict[str, Any] = {
    "version": "test",
    "valid_from": "2026-01-01",
    "paragraph": "§ 0",
    "key": {"parts": [{"series": "population", "share": "1"}], "gain_cap": None},
    "credits": [{"name": "short", "months": 24}, {"name": "lasting", "months": None}],
    "counts_from": "2022-01-01",
    "stop_at_full": False,
}
WITH_AREA: dict[str, Any] = POLICY | {
    "version": "with-area",
    "key": {
        "parts": [{"series": "population", "share": "0.9"}, {"series": "area", "share": "0.1"}],
        "gain_cap": {"over": "population", "most": "0.25"},
    },
}


def series(name: str, *figures: object) -> dict[str, Any]:
    by_ags = dict(zip(TOWNS, figures, strict=False))
    return {"name": name, "counted_on": "2022-05-15", "source": "own", "by_ags": by_ags}


def account(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "format": "kfi-allocation-account/1",
        "as_of": "2026-11-23",
        "announced": 0,
        "policy": "test",
        "policies": [POLICY, WITH_AREA],
        "series": [series("population", 600, 300, 100), series("area", 10, 20, 70)],
        "entries": [{"number": number} | entry for number, entry in enumerate(entries, start=1)],
        "published": {},
    } | more


def intake(ags: str, persons: int, on: str = "2026-02-01") -> dict[str, Any]:
    return {"ags": ags, "on": on, "kind": "intake", "persons": persons}


def credit(ags: str, persons: int, name: str, on: str, **more: Any) -> dict[str, Any]:
    return {"ags": ags, "on": on, "kind": "credit", "credit": name, "persons": persons} | more


def correction(ags: str, persons: int, corrects: int, on: str = "2026-03-01") -> dict[str, Any]:
    return {"ags": ags, "on": on, "kind": "correction", "persons": persons, "corrects": corrects}


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, Any]:
    people = draw(st.lists(st.integers(1, 10**7), min_size=2, max_size=4))
    land = draw(st.lists(st.integers(1, 10**5).map(lambda n: f"{n / 100:.2f}"), min_size=len(people), max_size=4))
    towns = st.sampled_from(TOWNS[: len(people)])
    days = st.dates(min_value=date.fromisoformat("2021-01-01"), max_value=date.fromisoformat("2026-12-31")).map(str)
    one = st.one_of(
        st.builds(intake, towns, st.integers(0, 500), days),
        st.builds(credit, towns, st.integers(0, 500), st.sampled_from(["short", "lasting", "unknown"]), days),
    )
    entries = draw(st.lists(one, max_size=8))
    parts = [series("population", *people), series("area", *land[: len(people)])]
    stop, version = draw(st.booleans()), draw(st.sampled_from(["test", "with-area"]))
    policies = [policy | {"stop_at_full": stop} for policy in (POLICY, WITH_AREA)]
    announced = draw(st.integers(0, 3000))
    return account(*entries, series=parts, announced=announced, policies=policies, policy=version)
