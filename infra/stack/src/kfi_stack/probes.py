"""Questions to a program that tell whether it serves."""

import httpx2


def answers(url: str) -> bool:
    """True if a GET of this address succeeds within half a second."""
    try:
        return httpx2.get(url, timeout=0.5).is_success
    except httpx2.HTTPError:
        return False
