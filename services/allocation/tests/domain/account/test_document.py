from typing import Any

import pytest
from services.allocation.tests.accounts import POLICY, account, correction, credit, intake, series

from kfi_allocation.domain.account.document import account_from
from kfi_allocation.domain.checking import DocumentNotReadable


def places(broken: dict[str, Any]) -> list[str]:
    with pytest.raises(DocumentNotReadable) as caught:
        account_from(broken)
    return [problem.split(":")[0] for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (intake("999", 3), "ags"),
        (intake("010", -3), "persons"),
        (intake("010", 3, "2026-02-30"), "on"),
        (intake("010", 3) | {"kind": "gift"}, "kind"),
        (credit("010", 3, "", "2026-01-01"), "credit"),
        (correction("010", -1, 7), "corrects"),
        (correction("020", -1, 1), "corrects"),
        (intake("010", 3) | {"number": 1}, "number"),
    ],
)
def test_a_wrong_entry_is_told_with_its_row_and_field(entry: dict[str, Any], field: str) -> None:
    assert places(account(intake("010", 5), entry)) == [f"entries[1].{field}"]


@pytest.mark.parametrize("shares", [["0.9"], ["0.9", "0.2"], ["0", "0"]])
def test_shares_that_do_not_sum_to_one_are_told(shares: list[str]) -> None:
    parts = [{"series": "population", "share": share} for share in shares]
    broken = account(policies=[POLICY | {"key": {"parts": parts, "gain_cap": None}}])
    assert places(broken) == ["policies[0].key.parts"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"policy": "unknown"}, "account.policy"),
        ({"as_of": "yesterday"}, "account.as_of"),
        ({"published": {"999": 1}}, "account.published.999"),
        ({"published": {"010": -1}}, "account.published.010"),
        ({"series": [series("population", 1, 2, 3), series("area", 1, 2)]}, "series"),
        ({"policies": [POLICY, POLICY]}, "policies[1].version"),
        ({"series": []}, "policies[0].key"),
    ],
)
def test_what_does_not_agree_is_told_with_its_place(change: dict[str, Any], place: str) -> None:
    assert place in places(account(**change))
