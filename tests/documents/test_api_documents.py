"""What the API documents say of problems is what the services can answer."""

import json
import re

import pytest

from kfi_stack.gateway import API_DOCUMENTS
from kfi_stack.running_platform import SERVICES

AT_NO_ROUTE = {"conflict", "method-not-allowed", "person-erased", "rate-limited"}
"""Answered by the gateway, before a route is found, or by whoever needs it: no route answers them by itself."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_kind_of_problem_of_a_service_stands_at_a_route(service: str) -> None:
    text = (API_DOCUMENTS / service / "openapi.json").read_text("utf-8")
    at_routes = set(re.findall(r"/problems/([a-z0-9-]+)", text))
    assert set(json.loads(text)["x-problem-pages"]) - at_routes - AT_NO_ROUTE == set()
