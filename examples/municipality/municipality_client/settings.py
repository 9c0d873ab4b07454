"""What the client is told by variables: `KFI_...`."""

import json
import os
from pathlib import Path
from typing import Any

import httpx2

from municipality_client.access import Access
from municipality_client.town import Town


class Settings:
    """The variables; one that is missing is a KeyError with its name."""

    def __init__(self) -> None:
        self.ags = os.environ["KFI_AGS"]
        self.state = Path(os.environ.get("KFI_STATE", "town.json"))
        self._journal = os.environ.get("KFI_JOURNAL")
        self._keys = Path(os.environ.get("KFI_KEYS", "keys.json"))

    @property
    def own(self) -> str:
        """Where the town's addresses begin."""
        return f"/allocation/v1/municipalities/{self.ags}"

    def town(self) -> Town:
        """The town as it was saved last."""
        return Town.load(self.state, self.ags, Path(self._journal) if self._journal else None)

    def client(self) -> httpx2.AsyncClient:
        """The gateway, signed in."""
        told = os.environ
        access = Access(told["KFI_TOKEN_URL"], told["KFI_CLIENT"], told["KFI_SECRET"])
        return httpx2.AsyncClient(base_url=told["KFI_URL"], auth=access, timeout=20)

    def keys(self) -> dict[str, Any]:
        """What was told once and is secret: keys of webhooks, the user of the topic."""
        known: dict[str, Any] = json.loads(self._keys.read_text(encoding="utf-8")) if self._keys.exists() else {}
        return known

    def keep(self, name: str, secret: Any) -> None:
        """Keep a secret in a file that nobody else can read."""
        known = self.keys() | {name: secret}
        self._keys.touch(mode=0o600)
        self._keys.write_text(json.dumps(known), encoding="utf-8")
