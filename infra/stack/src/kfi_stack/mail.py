"""A mail server that keeps what it gets in a folder, for the demo and for tests; it delivers nothing.

`python -m kfi_stack.mail --port 1025 --folder mail`; the folder is `kfi_stack.mail_folder.MailFolder`.
"""

import argparse
import asyncio
import signal
import socket
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from kfi_stack.errors import StackError
from kfi_stack.listening import listen
from kfi_stack.log_lines import log_line
from kfi_stack.mail_folder import Behaviour, MailFolder
from kfi_stack.ports import LOOPBACK, is_open
from kfi_stack.program import Program

LARGEST_MESSAGE_BYTES = 33_554_432
REFUSALS = {
    Behaviour.REFUSE_TEMPORARILY: "451 4.7.1 Not now, try again later",
    Behaviour.REFUSE_PERMANENTLY: "550 5.1.1 There is no such mailbox",
}


class KeepingHandler:
    """Answers the commands of one SMTP session; the method names are aiosmtpd's."""

    def __init__(self, folder: MailFolder) -> None:
        self._folder = folder
        self._behaviour: Behaviour | None = None

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM begins a message: what happens to it is settled here."""
        self._behaviour = self._folder.next_behaviour()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO: refused where the server is told to."""
        if self._behaviour in REFUSALS:
            log_line("mail_refused", behaviour=self._behaviour)
            return REFUSALS[self._behaviour]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The end of DATA: the message is on disk before the answer, if an answer there is."""
        mail = self._folder.keep(
            envelope.original_content or b"", sender=envelope.mail_from or "", recipients=envelope.rcpt_tos
        )
        log_line("mail_kept", message_id=mail.message_id, behaviour=self._behaviour)
        if self._behaviour is Behaviour.CUT_AFTER_DATA:
            await _cut(server)
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of our own, say a full disk, is no reason to give a message up."""
        log_line("mail_fault", error=type(error).__name__)
        return "451 4.3.0 The server failed, try again later"


async def serve(folder: MailFolder, listening: socket.socket) -> asyncio.Server:
    """Start the server on a listening socket."""

    def session() -> SMTP:
        return SMTP(
            KeepingHandler(folder),
            hostname="mail.demo.invalid",
            ident="ESMTP",
            data_size_limit=LARGEST_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )

    return await asyncio.get_running_loop().create_server(session, sock=listening)


def mail_server(port: int, mails: Path, log_file: Path) -> Program:
    """The server as a program of the stack; `mails` is where it keeps its messages."""
    command = (sys.executable, "-m", "kfi_stack.mail", "--port", str(port), "--folder", str(mails))
    return Program(name="mail server (demo)", argv=command, log_file=log_file, ready=lambda: is_open(port))


def main() -> int:
    """Serve until SIGTERM or SIGINT. Returns 1, with one sentence on standard error, when the port is in use."""
    given = _arguments()
    try:
        listening = listen(given.host, given.port, "The demo mail server")
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    log_line("mail_server_started", port=given.port)
    asyncio.run(_serve_until_told(MailFolder(given.folder), listening))
    return 0


async def _serve_until_told(folder: MailFolder, listening: socket.socket) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    server = await serve(folder, listening)
    await told.wait()
    server.close()


async def _cut(server: SMTP) -> None:
    """Break the connection; aiosmtpd then cancels this session, so there is nothing to return to."""
    transport = server.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    await asyncio.get_running_loop().create_future()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kfi_stack.mail", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the messages are kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
