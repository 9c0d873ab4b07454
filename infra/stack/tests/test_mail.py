"""The demo's mail server: what it keeps and how it misbehaves when told to."""

import asyncio
import smtplib
import socket
import subprocess
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from kfi_stack.mail import mail_server, serve
from kfi_stack.mail_folder import Behaviour, MailFolder
from kfi_stack.ports import free_port
from kfi_stack.supervisor import Supervisor


@pytest.fixture
def folder(tmp_path: Path) -> MailFolder:
    return MailFolder(tmp_path / "mail")


@pytest.fixture
async def port(folder: MailFolder) -> AsyncIterator[int]:
    """The port of a running server that keeps its mail in `folder`."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = await serve(folder, listening)
    yield listening.getsockname()[1]
    server.close()


def mail(message_id: str = "<n-1@kfi.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "kfi@kfi.example", "verein@verein.example", message_id
    message["Subject"] = "Eine Nachricht wartet"
    message.set_content("Guten Tag,\n\nüber das Portal erreicht Sie eine Nachricht.\n.\nEnde\n")
    return message


async def send(port: int, message: EmailMessage) -> None:
    def by_smtp() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            client.send_message(message)

    await asyncio.to_thread(by_smtp)


async def test_each_message_is_kept_as_it_came(folder: MailFolder, port: int) -> None:
    await send(port, mail())
    [kept] = folder.messages()
    assert kept.file.suffix == ".eml"
    assert kept.recipients == ("verein@verein.example",)
    assert kept.message["Subject"] == "Eine Nachricht wartet"
    assert kept.message.get_content().replace("\r\n", "\n") == mail().get_content()  # CRLF: RFC 5321, 2.3.8


async def test_the_same_message_id_twice_is_counted(folder: MailFolder, port: int) -> None:
    for message_id in ("<n-1@kfi.example>", "<n-2@kfi.example>", "<n-1@kfi.example>"):
        await send(port, mail(message_id))
    assert folder.copies() == {"<n-1@kfi.example>": 2, "<n-2@kfi.example>": 1}
    assert folder.duplicates() == {"<n-1@kfi.example>": 2}


@pytest.mark.parametrize(
    ("behaviour", "code"), [(Behaviour.REFUSE_TEMPORARILY, 451), (Behaviour.REFUSE_PERMANENTLY, 550)]
)
async def test_a_refusal_is_told_and_nothing_is_kept(
    folder: MailFolder, port: int, behaviour: Behaviour, code: int
) -> None:
    folder.behave(behaviour)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await send(port, mail())
    assert refused.value.recipients["verein@verein.example"][0] == code
    assert folder.messages() == []


async def test_a_cut_after_data_leaves_the_sender_in_doubt_and_the_message_kept(folder: MailFolder, port: int) -> None:
    folder.behave(Behaviour.CUT_AFTER_DATA, times=1)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        await send(port, mail())
    assert folder.copies() == {"<n-1@kfi.example>": 1}
    await send(port, mail())
    assert folder.duplicates() == {"<n-1@kfi.example>": 2}


async def test_misbehaviour_ends_after_the_times_given(folder: MailFolder, port: int) -> None:
    folder.behave(Behaviour.REFUSE_TEMPORARILY, times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await send(port, mail())
    await send(port, mail())
    assert len(folder.messages()) == 1


async def test_misbehaviour_without_times_lasts_until_told_otherwise(folder: MailFolder, port: int) -> None:
    folder.behave(Behaviour.REFUSE_TEMPORARILY)
    for _ in range(3):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await send(port, mail())
    folder.behave(Behaviour.ACCEPT)
    await send(port, mail())
    assert len(folder.messages()) == 1


async def test_a_fault_of_the_server_is_temporary(folder: MailFolder, port: int, tmp_path: Path) -> None:
    (tmp_path / "mail" / "behaviour.json").write_text("{")
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        await send(port, mail())
    assert refused.value.smtp_code == 451


async def test_the_greeting_tells_no_version(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.readline() == b"220 mail.demo.invalid ESMTP\r\n"
    writer.close()


@pytest.mark.servers
def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    first, second = (mail_server(port, tmp_path / "mail", tmp_path / f"{name}.log") for name in ("first", "second"))
    with Supervisor() as supervisor:
        supervisor.start(first)
        refused = subprocess.run(second.argv, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"The demo mail server cannot listen on 127.0.0.1:{port} (Address already in use): give it another port.\n"
    )
