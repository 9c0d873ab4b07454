"""The demo identity provider as a program of the stack."""

import sys
from pathlib import Path

from kfi_stack.ports import LOOPBACK
from kfi_stack.probes import answers
from kfi_stack.program import Program


def issuer(port: int) -> str:
    """The issuer of the demo provider on that loopback port; its keys are at `<issuer>/jwks`."""
    return f"http://{LOOPBACK}:{port}"


def identity_provider(port: int, folder: Path) -> Program:
    """The demo provider; its signing key stays in the folder, so that tokens outlive a restart."""
    command = (sys.executable, "-m", "kfi_stack.identity", "--port", str(port), "--key-file", str(signing_key(folder)))
    return Program(
        name="identity provider (demo)",
        argv=command,
        log_file=folder / "identity.log",
        ready=lambda: answers(f"{issuer(port)}/.well-known/openid-configuration"),
    )


def signing_key(folder: Path) -> Path:
    """Where the provider of this folder keeps its key."""
    return folder / "signing-key.json"
