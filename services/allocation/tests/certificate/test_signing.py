import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from services.allocation.tests.instances import document, home, town

from kfi_allocation.certificate.leaves import input_leaves
from kfi_allocation.certificate.signing import certificate, part_of, problems_of_part, problems_of_signature
from kfi_allocation.domain.instance_document import instance_from

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SECRET = b"s" * 32
INSTANCE = instance_from(
    document([town("010", 3), town("020", 1), town("030", 0)], [home("H1", 2), home("H2"), home("H3")])
)
PLAN: dict[str, Any] = {
    "status": "optimal", "objective": 0, "bound": 0, "gap": 0.0, "stopped_by": "proof", "reproducible": True, "seed": 1,
    "solver": "test", "assignments": {"H1": "010", "H2": "010", "H3": "020"},
}  # fmt: skip
SIGNED = certificate(INSTANCE, PLAN, "population-2026", SECRET, KEY)


def part(ags: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(part_of(INSTANCE, PLAN, SIGNED, ags, SECRET)))
    return read


@pytest.mark.parametrize(("ags", "homes"), [("010", ["H1", "H2"]), ("020", ["H3"]), ("030", [])])
def test_a_town_checks_its_figures_and_all_its_placements(ags: str, homes: list[str]) -> None:
    own = part(ags)
    assert problems_of_part(own, KEY.public_key()) == []
    assert [leaf["content"]["id"] for leaf in own["leaves"] if leaf["content"]["kind"] == "household"] == homes


def test_a_part_holds_nothing_of_another_town() -> None:
    told = json.dumps(part("020"))
    assert all(name not in told for name in ("H1", "H2", '"010"', '"030"'))


def test_the_same_household_has_another_salt_in_each_run_of_another_secret() -> None:
    first, second = (input_leaves(INSTANCE, secret) for secret in (SECRET, b"t" * 32))
    assert first.root != second.root
    assert len({one["salt"] for one in first.proofs(list(first.contents))}) == len(first.contents)


def test_what_was_signed_with_another_key_is_told() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    assert problems_of_signature(SIGNED, other) == ["signature: is not that of the key"]
    assert problems_of_part(part("010"), other) == ["signature: is not that of the key"]


@pytest.mark.parametrize("name", list(SIGNED["statement"]))
def test_no_word_of_a_certificate_can_be_changed(name: str) -> None:
    changed = SIGNED["statement"] | {name: "other"}
    assert problems_of_signature(SIGNED | {"statement": changed}, KEY.public_key()) != []


def lowers_the_target(own: dict[str, Any]) -> None:
    own["leaves"][1]["content"]["target"] = "0.00"


def hides_a_household(own: dict[str, Any]) -> None:
    del own["leaves"][2]


def hides_a_placement(own: dict[str, Any]) -> None:
    own["leaves"][-1]["content"]["households"].pop()


def moves_the_part_to_another_town(own: dict[str, Any]) -> None:
    own["ags"] = "030"


def takes_the_proof_of_another_leaf(own: dict[str, Any]) -> None:
    own["leaves"][1]["path"] = own["leaves"][2]["path"]


def leaves_the_placements_out(own: dict[str, Any]) -> None:
    own["leaves"].pop()


def breaks_the_document(own: dict[str, Any]) -> None:
    own["leaves"][0]["salt"] = None


@pytest.mark.parametrize("nonsense", [None, [], "x", {}, {"format": "kfi-allocation-certificate-part/1"}])
def test_what_is_no_part_is_told(nonsense: object) -> None:
    assert problems_of_part(nonsense, KEY.public_key())[0].startswith("format")


@pytest.mark.parametrize("leaf", [None, 3, "x", [], {}, {"tree": "input"}, {"tree": "other"}])
def test_leaves_that_are_none_are_told(leaf: object) -> None:
    own = part("010")
    own["leaves"][0] = leaf
    assert problems_of_part(own, KEY.public_key()) != []


CHANGES = [
    lowers_the_target, hides_a_household, hides_a_placement, moves_the_part_to_another_town,
    takes_the_proof_of_another_leaf, leaves_the_placements_out, breaks_the_document,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_part_that_was_changed_is_told(change: Callable[[dict[str, Any]], None]) -> None:
    own = copy.deepcopy(part("010"))
    change(own)
    assert problems_of_part(own, KEY.public_key()) != []
