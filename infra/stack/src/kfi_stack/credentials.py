"""The servers' users: made at random for each stack, kept in one file only its owner can read."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Credentials:
    """A user name and its password; the password never shows in a repr."""

    username: str
    password: str = field(repr=False)


class Passwords:
    """The passwords of one stack: made when first asked for, the same ever after."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def of(self, *names: str) -> dict[str, Credentials]:
        """Returns the credentials of these users by name, making what is missing."""
        missing = [name for name in names if name not in self._known]
        if missing:
            self._known |= {name: secrets.token_urlsafe(24) for name in missing}
            self._save()
        return {name: Credentials(name, self._known[name]) for name in names}

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(self._known, out)
        draft.replace(self._file)
