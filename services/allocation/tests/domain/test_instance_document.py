import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from services.allocation.tests.instances import document, home, town

from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.files import read_instance


def problems(broken: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(DocumentNotReadable) as caught:
        instance_from(broken)
    return caught.value.problems


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("persons", 0),
        ("persons", 40),
        ("persons", 2.5),
        ("persons", True),
        ("profile", ""),
        ("needs", "accessible"),
        ("relatives_in", 5),
        ("relatives_in", "999"),
        ("must_join", "yes"),
    ],
)
def test_a_wrong_household_is_told_with_its_row_and_field(field: str, value: object) -> None:
    told = problems(document([town("010")], [home("H1"), home("H2", **{field: value})]))
    assert [problem.split(":")[0] for problem in told] == [f"households[1].{field}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("capacity", -1),
        ("target", -0.5),
        ("target", 1.005),
        ("target", float("nan")),
        ("ags", None),
        ("offers", [1]),
    ],
)
def test_a_wrong_town_is_told_with_its_row_and_field(field: str, value: object) -> None:
    told = problems(document([town("010"), town("020") | {field: value}], []))
    assert [problem.split(":")[0] for problem in told] == [f"municipalities[1].{field}"]


def test_fit_beyond_sixty_is_told() -> None:
    assert problems(document([town("010", fit={"A": 61})], []))[0].startswith("municipalities[0].fit.A")


def test_a_core_family_without_a_town_to_join_is_told() -> None:
    assert problems(document([town("010")], [home("H1", must_join=True)]))[0].startswith("households[0].relatives_in")


def test_every_problem_is_told_at_once_and_twice_the_same_id_is_one() -> None:
    told = problems(document([town("010")], [home("H1", 0), home("H1"), home("H2", 50)]))
    assert [problem.split(":")[0] for problem in told] == [
        "households[0].persons",
        "households[2].persons",
        "households[1].id",
    ]


def test_a_negative_weight_and_a_missing_one_are_told() -> None:
    broken = document([town("010")], [], off_target_per_person=-1)
    del broken["policy"]["tolerance_persons"]
    assert [p.split(":")[0] for p in problems(broken)] == ["policy.off_target_per_person", "policy.tolerance_persons"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "other"}', '{"format": NaN}', "\xff"])
def test_a_file_that_is_no_instance_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "instance.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DocumentNotReadable):
        read_instance(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_plain_and_packed_files_are_read_with_exact_decimals(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "instance.json.gz"
    path.write_bytes(pack(json.dumps(document([town("010", 12.34)], [])).encode()))
    assert read_instance(path).municipalities[0].target == Decimal("12.34")


def test_half_a_packed_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "instance.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document([town("010")], [])).encode())[:40])
    with pytest.raises(DocumentNotReadable):
        read_instance(path)
