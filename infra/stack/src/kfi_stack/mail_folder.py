"""The folder in which the demo's mail server keeps what it gets, and by which it is told to misbehave."""

import json
import os
import time
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from uuid import uuid4


class Behaviour(StrEnum):
    """What the server does with a message."""

    ACCEPT = "accept"
    REFUSE_TEMPORARILY = "refuse_temporarily"
    """451 to each recipient: the sender shall try again later."""
    REFUSE_PERMANENTLY = "refuse_permanently"
    """550 to each recipient."""
    CUT_AFTER_DATA = "cut_after_data"
    """The message is kept, but the connection breaks before the answer: the sender cannot know."""


@dataclass(frozen=True)
class KeptMail:
    """One message as it came in; `Return-Path` and `Delivered-To` at its top are the envelope's."""

    file: Path
    message: EmailMessage

    @property
    def message_id(self) -> str:
        """The header Message-ID; empty when there is none."""
        return str(self.message["Message-ID"] or "").strip()

    @property
    def recipients(self) -> tuple[str, ...]:
        """To whom the envelope was addressed."""
        return tuple(str(address) for address in self.message.get_all("Delivered-To", []))


class MailFolder:
    """Used by the server and, while it runs, by any other process. Made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._order = folder / "behaviour.json"
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes, *, sender: str, recipients: list[str]) -> KeptMail:
        """Keep one message on disk, whole or not at all. A message that came before is kept once more."""
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {address}" for address in recipients)]
        whole = "".join(f"{line}\r\n" for line in envelope).encode("utf-8", "surrogateescape") + content
        mail = KeptMail(self._folder / f"{time.time_ns():020}-{uuid4().hex[:8]}.eml", _parsed(whole))
        _write(mail.file, whole)
        return mail

    def messages(self) -> list[KeptMail]:
        """All messages kept, oldest first."""
        return [KeptMail(file, _parsed(file.read_bytes())) for file in sorted(self._folder.glob("*.eml"))]

    def copies(self) -> Counter[str]:
        """How often each Message-ID came in."""
        return Counter(mail.message_id for mail in self.messages())

    def duplicates(self) -> dict[str, int]:
        """The Message-IDs that came in more than once, with how often."""
        return {message_id: count for message_id, count in self.copies().items() if count > 1}

    def behave(self, behaviour: Behaviour, *, times: int | None = None) -> None:
        """Tell the server what to do from the next message on; with `times` only so often, then accept again."""
        _write(self._order, json.dumps({"behaviour": behaviour, "times": times}).encode())

    def next_behaviour(self) -> Behaviour:
        """What the server is to do with the message at hand; asking counts as one time."""
        try:
            told = json.loads(self._order.read_bytes())
        except FileNotFoundError:
            return Behaviour.ACCEPT
        behaviour, times = Behaviour(told["behaviour"]), told["times"]
        if times == 1:
            self.behave(Behaviour.ACCEPT)
        elif times is not None:
            self.behave(behaviour, times=times - 1)
        return behaviour


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def _write(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{uuid4().hex}")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
