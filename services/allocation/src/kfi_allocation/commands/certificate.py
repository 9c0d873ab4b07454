"""``kfi-allocation certificate``: sign a plan, hand a town its part, verify a part offline, audit with everything."""

import argparse
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kfi_allocation.certificate.signing import certificate, part_of, problems_of_part, problems_of_signature, stated
from kfi_allocation.commands.saying import say
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.instance import Instance
from kfi_allocation.exit_codes import NOT_SOUND
from kfi_allocation.files import read_instance, read_json, write_document

BYTES = 32


def run(parsed: argparse.Namespace) -> int:
    """Run one of the certificate's commands; 1 when what was checked does not hold."""
    actions = {"keys": _keys, "sign": _sign, "extract": _extract, "verify": _verify, "audit": _audit}
    problems = actions[parsed.action](parsed)
    for problem in problems:
        say(problem, error=True)
    return NOT_SOUND if problems else 0


def _keys(parsed: argparse.Namespace) -> list[str]:
    key = Ed25519PrivateKey.generate()
    _keep(parsed.out, "signing.key", key.private_bytes_raw().hex())
    _keep(parsed.out, "salts.key", secrets.token_hex(BYTES))
    say(f"public key {key.public_key().public_bytes_raw().hex()}")
    return []


def _keep(folder: Path, name: str, text: str) -> None:
    """Write a secret that none but its owner reads; one that is there is never replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")


def _sign(parsed: argparse.Namespace) -> list[str]:
    instance, plan = _run_files(parsed)
    problems = _unsound(instance, plan)
    if not problems:
        key = Ed25519PrivateKey.from_private_bytes(_secret(parsed.keys / "signing.key"))
        signed = certificate(instance, plan, parsed.policy, _secret(parsed.keys / "salts.key"), key)
        write_document(parsed.out, signed)
        say(f"{parsed.out.name}: input {signed['statement']['input_root']} plan {signed['statement']['plan_root']}")
    return problems


def _extract(parsed: argparse.Namespace) -> list[str]:
    instance, plan = _run_files(parsed)
    secret = _secret(parsed.keys / "salts.key")
    if parsed.town not in {town.ags for town in instance.municipalities}:
        raise DocumentNotReadable([f"no municipality of the instance is {parsed.town}"])
    write_document(parsed.out, part_of(instance, plan, read_json(parsed.certificate), parsed.town, secret))
    return []


def _verify(parsed: argparse.Namespace) -> list[str]:
    part = read_json(parsed.part)
    problems = problems_of_part(part, _public(parsed.public_key))
    if not problems:
        statement = part["certificate"]["statement"]
        placed = next(leaf["content"] for leaf in part["leaves"] if leaf["tree"] == "plan")
        figures = f"{statement['status']} objective {statement['objective']} bound {statement['bound']}"
        say(f"holds: {figures} gap {statement['gap']} policy {statement['policy_version']}")
        say(f"{part['ags']}: {placed['persons']} persons, households {', '.join(placed['households']) or 'none'}")
    return problems


def _audit(parsed: argparse.Namespace) -> list[str]:
    instance, plan = _run_files(parsed)
    signed = read_json(parsed.certificate)
    problems = problems_of_signature(signed, _public(parsed.public_key)) or _unsound(instance, plan)
    if problems:
        return problems
    found, claimed = stated(instance, plan, "", _secret(parsed.keys / "salts.key")), signed["statement"]
    del found["policy_version"]  # only the signature says by which policy the instance was made
    wrong = [f"{name}: is not that of instance and plan" for name in found if found[name] != claimed.get(name)]
    if not wrong:
        say("holds: signature, input, placements, objective, bound")
    return wrong


def _unsound(instance: Instance, plan: dict[str, Any]) -> list[str]:
    from kfi_allocation.proof.verifying import verify  # noqa: PLC0415 - a town checks its part without arrays

    if not plan.get("assignments"):
        return ["assignments: a run without a plan is not certified"]
    return list(verify(instance, plan).problems)


def _run_files(parsed: argparse.Namespace) -> tuple[Instance, dict[str, Any]]:
    plan = read_json(parsed.plan)
    if not isinstance(plan, dict):
        raise DocumentNotReadable([f"{parsed.plan.name}: is no plan"])
    return read_instance(parsed.instance), plan


def _secret(path: Path) -> bytes:
    return _bytes(path.read_text(encoding="ascii").strip(), path.name)


def _public(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_bytes(text, "--public-key"))


def _bytes(text: str, name: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != BYTES:
        raise DocumentNotReadable([f"{name}: must be {2 * BYTES} hexadecimal digits"])
    return found
