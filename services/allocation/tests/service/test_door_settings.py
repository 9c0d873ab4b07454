"""What lets webhooks go inside of a network is for demo and tests."""

from typing import Any

import pytest
from pydantic import ValidationError

from kfi_allocation.settings import AllocationSettings

pytestmark = pytest.mark.servers


def told(settings: Any, **changes: Any) -> str:
    """What is wrong with the settings."""
    try:
        AllocationSettings(**(settings.model_dump() | {"office_file": None} | changes))
    except ValidationError as error:
        return str(error)
    return ""


def test_in_production_no_webhook_goes_inside_of_a_network(settings: Any) -> None:
    assert "KFI_WEBHOOKS_INSIDE" in told(settings, profile="production", webhooks_inside=True)
    assert "KFI_WEBHOOKS_INSIDE" not in told(settings, profile="production", webhooks_inside=False)
    assert told(settings, webhooks_inside=True) == ""
