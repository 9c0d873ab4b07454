"""Certificates: made from a sound plan, signed with Ed25519 (RFC 8032), checked with the public key alone."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kfi_allocation.certificate import merkle
from kfi_allocation.certificate.leaves import Leaves, canonical, encoded, input_leaves, plan_leaves
from kfi_allocation.domain.instance import Instance

FORMAT = "kfi-allocation-certificate/1"
PART_FORMAT = "kfi-allocation-certificate-part/1"
CLAIMS = ("status", "objective", "bound", "gap", "stopped_by", "reproducible", "seed", "solver")
Document = Mapping[str, Any]


def certificate(
    instance: Instance, plan: Document, policy_version: str, secret: bytes, key: Ed25519PrivateKey
) -> dict[str, Any]:
    """The signed certificate of a plan: its claims, and the roots over its input and its placements."""
    statement = stated(instance, plan, policy_version, secret)
    signature = key.sign(_signed(statement)).hex()
    return {"format": FORMAT, "statement": statement, "signature": signature}


def stated(instance: Instance, plan: Document, policy_version: str, secret: bytes) -> dict[str, Any]:
    """What a certificate of this plan says; figures as text, so that every reader signs and checks the same bytes."""
    before, after = _leaves(instance, plan, secret)
    return {
        **{name: _text(plan[name]) for name in CLAIMS},
        "policy_version": policy_version,
        "input_root": before.root,
        "input_leaves": len(before.contents),
        "plan_root": after.root,
        "plan_leaves": len(after.contents),
    }


def part_of(instance: Instance, plan: Document, signed: Document, ags: str, secret: bytes) -> dict[str, Any]:
    """What a town gets: the certificate, the policy, its own figures, its placements and their households, each proven.

    Raises KeyError for a town the instance does not know.
    """
    before, after = _leaves(instance, plan, secret)
    own = f"municipality {ags}"
    homes = [f"household {name}" for name in after.contents[own]["households"]]
    leaves = before.proofs(["policy", own, *homes]) + after.proofs([own])
    return {"format": PART_FORMAT, "ags": ags, "certificate": dict(signed), "leaves": leaves}


def _leaves(instance: Instance, plan: Document, secret: bytes) -> tuple[Leaves, Leaves]:
    orders = plan.get("orders")
    return input_leaves(instance, secret, orders), plan_leaves(instance, plan["assignments"], secret)


def problems_of_signature(signed: object, key: Ed25519PublicKey) -> list[str]:
    """Whether the certificate is one, and signed with the key."""
    if not isinstance(signed, dict) or signed.get("format") != FORMAT:
        return [f'format: must be "{FORMAT}"']
    try:
        key.verify(bytes.fromhex(signed["signature"]), _signed(signed["statement"]))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return ["signature: is not that of the key"]
    return []


def problems_of_part(part: object, key: Ed25519PublicKey) -> list[str]:
    """What does not hold in a town's part: signature, proofs, and that its leaves tell of it and of one another."""
    if not isinstance(part, dict) or part.get("format") != PART_FORMAT:
        return [f'format: must be "{PART_FORMAT}"']
    signed: Any = part.get("certificate")
    problems = problems_of_signature(signed, key)
    if problems:
        return problems
    try:
        problems = [
            f"leaves[{number}]: is not in the {leaf['tree']} of the certificate"
            for number, leaf in enumerate(part["leaves"])
            if not _belongs(leaf, signed["statement"])
        ]
        return problems or _disagreements(part["ags"], part["leaves"])
    except (KeyError, TypeError, ValueError) as error:
        return [f"leaves: cannot be read ({error})"]


def _belongs(leaf: Document, statement: Document) -> bool:
    tree = leaf["tree"]
    if tree not in ("input", "plan"):
        return False
    content = encoded(bytes.fromhex(leaf["salt"]), leaf["content"])
    beside = [bytes.fromhex(one) for one in leaf["path"]]
    found = merkle.root_from(content, leaf["index"], statement[f"{tree}_leaves"], beside)
    return found is not None and found.hex() == statement[f"{tree}_root"]


def _disagreements(ags: str, leaves: list[Document]) -> list[str]:
    """The town's figures, its placements and all their households must be there, and no other."""
    of_kind: dict[str, list[Document]] = {"policy": [], "municipality": [], "placements": [], "household": []}
    for leaf in leaves:
        of_kind[leaf["content"]["kind"]].append(leaf["content"])
    problems = [] if len(of_kind["policy"]) == 1 else ["leaves: must hold the policy once"]
    problems += [
        f"leaves: must hold the {kind} of {ags} once"
        for kind in ("municipality", "placements")
        if [one["ags"] for one in of_kind[kind]] != [ags]
    ]
    if problems:
        return problems
    placed, homes = of_kind["placements"][0], of_kind["household"]
    if sorted(home["id"] for home in homes) != placed["households"]:
        return ["leaves: the households are not those of the placements"]
    persons = sum(home["persons"] for home in homes)
    return [] if persons == placed["persons"] else [f"placements: {placed['persons']} persons, not {persons}"]


def _signed(statement: Document) -> bytes:
    return FORMAT.encode() + b"\n" + canonical(statement)


def _text(value: object) -> str | int | bool:
    """Whole numbers and texts as they are, other figures as their shortest text."""
    if isinstance(value, (str, int)):
        return value
    return str(value) if isinstance(value, Decimal) else repr(value)
