"""A relay without work is alive: liveness must not restart a service in a quiet night."""

from typing import Any

import pytest

from kfi_chassis import relay
from kfi_chassis.testkit.polling import eventually


@pytest.mark.servers
async def test_an_idle_relay_goes_on_taking_turns(relays: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns are counted at their beginning; with a poll every 0.1 s three of them pass without any event."""
    monkeypatch.setattr(relay, "_POLL_SECONDS", 0.1)
    idle = relays()
    await eventually(lambda: idle.relay.active)
    for _ in range(3):
        turn = idle.relay._last_turn
        await eventually(lambda turn=turn: idle.relay._last_turn > turn)
    assert idle.relay.progressing()
