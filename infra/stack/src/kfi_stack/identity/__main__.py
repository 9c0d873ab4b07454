"""`python -m kfi_stack.identity`: the demo provider as a process of its own."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvicorn

from kfi_stack.errors import StackError
from kfi_stack.identity.application import create_application
from kfi_stack.identity.directory import PEOPLE_FILE, Directory
from kfi_stack.identity.provider import DemoProvider
from kfi_stack.identity.signing_key import load_or_create
from kfi_stack.listening import listen
from kfi_stack.log_lines import log_line
from kfi_stack.ports import LOOPBACK


def main() -> int:
    """Serve until SIGTERM or SIGINT. Returns 1, with one sentence on standard error, when the port is in use."""
    given = _arguments()
    issuer = given.issuer or f"http://{given.host}:{given.port}"
    provider = DemoProvider(
        issuer, Directory.from_file(given.people), load_or_create(given.key_file), token_seconds=given.token_seconds
    )
    try:
        listening = listen(given.host, given.port, "The demo identity provider")
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    server = uvicorn.Server(
        uvicorn.Config(create_application(provider), log_config=None, access_log=False, server_header=False)
    )
    log_line("identity_provider_started", issuer=issuer)
    asyncio.run(server.serve(sockets=[listening]))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kfi_stack.identity", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--issuer", help="address by which clients know the provider; default: where it listens")
    parser.add_argument("--key-file", type=Path, required=True, help="kept signing key; written when missing")
    parser.add_argument("--people", type=Path, default=PEOPLE_FILE)
    parser.add_argument("--token-seconds", type=int, default=300)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
