"""What every answer must be, whatever was asked: no failure, the documented form, nothing of the input."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx2
from requests import Request
from schemathesis import Response

from .door import MARKER
from .fuzz_requests import Asked, Known

BY_THE_GATEWAY = {
    400: {"bad-request", "not-json"}, 401: {"unauthenticated"}, 403: {"forbidden"}, 404: {"not-found"},
    405: {"method-not-allowed"}, 408: {"bad-request"}, 413: {"body-too-large"}, 415: {"unsupported-media-type"},
    422: {"invalid-input"}, 429: {"rate-limited"}, 431: {"bad-request"}, 503: {"unavailable"}, 504: {"unavailable"},
}  # fmt: skip
"""Problems that come before a route is found: the gateway's, and those of the guard of all requests."""
UNREAD = (400, "bad-request")
"""What the gateway refuses before it has given the request an id."""
_ANY_REQUEST = Request("GET", "http://fuzz").prepare()
NAMED_BY = {
    "post_attachment": "attachment_id", "post_mandate": "mandate_id", "post_note": "note_id",
    "post_call": "call_key", "post_budget_title": "title_key", "post_hold": "hold_id",
    "post_correction": "correction_id",
}  # fmt: skip
"""The parameter by which other routes name what an operation creates; an application's id where nothing is said."""
_SLUG = re.compile(r"/problems/([a-z-]+)")


class Answers:
    """Looks at each answer; keeps what was done and what was wrong."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.counted: Counter[tuple[str, int]] = Counter()
        self.done: set[tuple[str, int]] = set()
        """Thing and version of every change that was answered as done."""
        self.unknown = 0
        """Requests of which nobody knows whether they were carried out."""
        self.findings: Counter[str] = Counter()
        self.examples: dict[str, tuple[Asked, str]] = {}

    def take(self, asked: Asked, answer: httpx2.Response) -> None:
        """Count the answer, learn from it, and note what is wrong with it."""
        self.counted[asked.operation.label, answer.status_code] += 1
        try:
            check(asked, answer)
        except Exception as error:  # noqa: BLE001 - whatever a check raises is a finding, and the fuzz goes on
            self._note(asked, answer, error)
        if answer.status_code >= 500:
            self.unknown += 1
        elif answer.status_code == 403:
            self._known.refused.add((asked.operation.label, asked.login))
        elif answer.is_success and answer.headers.get("ETag", "").strip('"').isdigit():
            self._learn(asked, answer)

    def statuses(self) -> str:
        """How often each status was answered."""
        found: Counter[int] = Counter()
        for (_, status), count in self.counted.items():
            found[status] += count
        return ", ".join(f"{count} x {status}" for status, count in sorted(found.items()))

    def _note(self, asked: Asked, answer: httpx2.Response, error: Exception) -> None:
        told = f"{asked.operation.label} {answer.status_code}: {type(error).__name__} {str(error)[:300]}"
        self.findings[told] += 1
        self.examples.setdefault(told, (asked, answer.text[:2000]))

    def _learn(self, asked: Asked, answer: httpx2.Response) -> None:
        document = answer.json()
        number, etag = str(document.get("id") or ""), answer.headers["ETag"]
        if answer.status_code == 201:
            parameter = NAMED_BY.get(asked.operation.definition.raw["operationId"], "application_id")
            self._known.add(parameter, str(document.get("key", number)), etag)
            if "{application_id}" in asked.operation.path:
                self._known.within[number] = asked.path.split("/")[4]
        for name in filter(None, (number, str(document.get("key", "")))):
            self._known.etags[name] = etag
        if number and asked.method == "POST" and "Idempotency-Replayed" not in answer.headers:
            self.done.add((number, int(etag.strip('"'))))


def check(asked: Asked, answer: httpx2.Response) -> None:
    """Raises AssertionError, or what schemathesis raises, for an answer that breaks a promise."""
    status = answer.status_code
    assert status < 500 or (status in {503, 504} and answer.headers.get("Retry-After")), "a failure"
    documented = _documented(asked, status)
    if status >= 400:
        _is_a_problem(answer, documented | BY_THE_GATEWAY.get(status, set()))
    if documented or status < 400:
        asked.operation.validate_response(_for_schemathesis(answer))


def _for_schemathesis(answer: httpx2.Response) -> Response:
    """Made here, because its own conversion looks for a library that is not installed, each time anew."""
    headers = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status_code, headers, answer.content, _ANY_REQUEST, elapsed=0.0, verify=False)


def _documented(asked: Asked, status: int) -> set[str]:
    responses: Mapping[str, Any] = asked.operation.definition.raw["responses"]
    return set(_SLUG.findall(responses.get(str(status), {}).get("description", "")))


def _is_a_problem(answer: httpx2.Response, kinds: set[str]) -> None:
    assert answer.headers["Content-Type"] == "application/problem+json", "no problem document"
    document = answer.json()
    kind = document["type"].removeprefix("/problems/")
    assert kind in kinds, f"the problem {kind} is not documented here"
    assert document["status"] == answer.status_code, "another status in the document"
    assert all(document[member].strip() for member in ("title", "detail", "remedy"))
    assert (answer.status_code, kind) == UNREAD or document["correlation_id"], "no correlation id"
    errors = document.get("errors", [])
    assert all(one["field"] is not None and one["reason"] and one["fix"] for one in errors), "an error without a cause"
    assert MARKER not in answer.text + str(answer.headers), "the input is echoed"
