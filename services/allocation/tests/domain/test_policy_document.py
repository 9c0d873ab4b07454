"""A policy by which nothing counts, or whose figures contradict one another, is told by field."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.policy_document import policy_from

EXAMPLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))
SERIES = frozenset({"population", "area"})


def changed(**places: Any) -> dict[str, Any]:
    """The example with other values; `a__b` stands for b of a."""
    document = deepcopy(EXAMPLE)
    for place, value in places.items():
        *path, last = place.split("__")
        part = document
        for step in path:
            part = part[step]
        part[last] = value
    return document


def problems(document: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(DocumentNotReadable) as refused:
        policy_from(document, SERIES)
    return refused.value.problems


def test_the_example_is_a_policy() -> None:
    policy = policy_from(EXAMPLE, SERIES)
    assert (policy.version, policy.valid_from.isoformat(), policy.fit.wish_missed) == (
        "population-2026", "2026-01-01", 40,
    )  # fmt: skip
    assert set(policy.account.credits) == {"placed"}


NOTHING = {
    f"weights__{name}_per_person": 0
    for name in ("off_target", "beyond_tolerance", "relatives_missed", "relatives_same_district")
}
PART = {"series": "population", "share": "1"}


@pytest.mark.parametrize(
    ("places", "problem"),
    [
        (NOTHING, "policy.weights: the weights sum to nothing: every plan would cost the same"),
        ({"account__key__parts": []}, "policy.account.key.parts: the shares must sum to 1"),
        ({"account__key__parts": [{**PART, "share": "0"}]}, "policy.account.key.parts: the shares must sum to 1"),
        ({"account__key__parts": [{**PART, "share": "0.9"}]}, "policy.account.key.parts: the shares must sum to 1"),
        (
            {"account__key__parts": [{**PART, "share": "-1"}]},
            "policy.account.key.parts[0].share: must be a number from 0 to 1 with at most 8 decimals",
        ),
        (
            {"account__key__parts": [{"series": "wealth", "share": "1"}]},
            "policy.account.key.parts[0].series: there is no series wealth",
        ),
        (
            {"account__key__gain_cap": {"over": "wealth", "most": "0.25"}},
            "policy.account.key.gain_cap.over: there is no series wealth",
        ),
        (
            {"weights__off_target_per_person": -1},
            "policy.weights.off_target_per_person: must be a number from 0 to 100000 with at most 4 decimals",
        ),
        (
            {"weights__beyond_tolerance_per_person": 50},
            "policy.weights.beyond_tolerance_per_person: must be at least off_target_per_person",
        ),
        (
            {"weights__relatives_same_district_per_person": 201},
            "policy.weights.relatives_same_district_per_person: must be at most relatives_missed_per_person",
        ),
        ({"wish_missed_per_person": -1}, "policy.wish_missed_per_person: must be a whole number from 0 to 60"),
        (
            {"wish_missed_per_person": 41},
            "policy.language_missed_per_person: must be at most 60 together with a missed wish",
        ),
        ({"hearing_days": 0}, "policy.hearing_days: must be a whole number from 1 to 366"),
        ({"objection_days": None}, "policy.objection_days: must be a whole number from 1 to 366"),
        ({"lead_days": -1}, "policy.lead_days: must be a whole number from 0 to 366"),
        ({"unstated_capacity": -1}, "policy.unstated_capacity: must be a whole number from 0 to 1000000"),
        ({"head_count_for": "never"}, "policy.head_count_for: must be one of running, ended"),
        ({"valid_from": "2026-02-30"}, "policy.valid_from: must be a day of the calendar as YYYY-MM-DD"),
        ({"account": None}, "policy.account: must be an object"),
        ({"weights": []}, "policy.weights: must be an object"),
    ],
)
def test_what_is_no_policy_is_told_by_field(places: dict[str, Any], problem: str) -> None:
    assert problem in problems(changed(**places))


def test_every_problem_is_told_at_once() -> None:
    found = problems(changed(hearing_days=0, objection_days=0, weights__off_target_per_person=-1))
    assert len(found) == 3
