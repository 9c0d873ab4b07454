"""What the consumers of processes count, seen from outside, before a process is killed and its counters are gone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from .bus import Place, accounts_in

SIGHT_SECONDS = 2.0
Accounts = Mapping[Place, Counter[str]]


@dataclass(frozen=True)
class Sight:
    """What one life of a process had counted when it was last looked at, by partition; `at_rest`: nothing in flight."""

    process: str
    service: str
    accounts: Accounts
    at_rest: bool = False


async def accounts_at(url: str) -> Accounts | None:
    """The accounts of the process that answers there; none when it does not."""
    try:
        async with httpx2.AsyncClient(timeout=SIGHT_SECONDS) as http:
            return accounts_in((await http.get(f"{url}/metrics")).raise_for_status().text)
    except httpx2.HTTPError:
        return None
