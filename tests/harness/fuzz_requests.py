"""Requests at random for every route of a service: from its OpenAPI document, and from sound ones that are spoiled.

The schemas' values come from schemathesis, right and wrong ones. They are drawn once and then combined with people,
ids, versions and keys at will, because drawing is slower than asking.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import APIOperation, Case, GenerationMode

from .cases import application, budget_plan, budget_title, call, call_terms, grant, rejection
from .door import MARKER
from .fuzz_previews import correction, letter_preview
from .fuzz_values import STRANGE, broken, spoiled, written

LOGINS = ("caseworker", "signatory", "applicant") * 3 + (
    "caseworker-as-signatory", "budget-officer", "other-applicant", "auditor", "operator", None,
)  # fmt: skip
"""Who asks; None is nobody, without a token."""
SOUND: Mapping[str, tuple[Callable[[], Any], ...]] = {
    "post_application": (application,),
    "post_proposal": (grant, rejection),
    "post_preview": (letter_preview,),
    "post_correction": (correction,),
    "post_search": (lambda: {"text": application()["applicant"]["name"]}, lambda: {"text": "e.V."}),
    "post_finance_plan": (lambda: {"finance_plan": application()["finance_plan"]},),
    "post_information_request": (lambda: {"items": ["statutes"]}, lambda: {"text": "Bitte die Satzung."}),
    "post_early_start": (lambda: {"begins_on": application()["project"]["period_to"]},),
    "post_assignment": (lambda: {"assignee": "me"}, lambda: {"assignee": None}),
    "post_bank_account": (lambda: {"iban": "DE89370400440532013000", "owner": application()["applicant"]["name"]},),
    "post_call": (call,),
    "post_call_correction": (call_terms,),
    "post_budget_title": (budget_title,),
    "post_budget_title_correction": (budget_plan,),
    "post_mandate": (lambda: {"deputy": "person-1", "valid_from": "2026-01-01", "valid_until": "2999-12-31"},),
}
"""Bodies that the trade's rules let pass, by operation; those of the others are simple enough for their schema."""
FILES: Mapping[str, tuple[tuple[str, str, bytes], ...]] = {
    "post_attachment": (
        ("application/pdf", "Satzung.pdf", b"%PDF-1.7\n%%EOF\n"),
        ("image/tiff", "Beleg.tif", b"MM\0*\0\0\0\x08"),
        ("application/pdf", "Satzung.docx", b"%PDF-1.7\n%%EOF\n"),
    ),
}
"""Type, name and content of files by operation, most of them sound."""
MEDIA_TYPES = ("application/json; charset=utf-8", "text/plain", "application/xml", MARKER, "application/json;q=\xff")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
_NOT_OURS = {"host", "content-length", "connection", "transfer-encoding", "authorization", "expect", "te", "upgrade"}


@dataclass(frozen=True)
class Asked:
    """One request; with `login` as the person whose token it carries."""

    operation: APIOperation
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    login: str | None


@dataclass
class Known:
    """What exists and what was seen of it: ids by the name of their parameter, versions by id."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    """The case a thing belongs to."""
    refused: set[tuple[str, str | None]] = field(default_factory=set)
    """Who was told that an operation is not theirs to do; they are sent less often, so that others come further."""

    def add(self, parameter: str, number: str, etag: str = "") -> None:
        """Note a thing that exists; of very many only some are kept."""
        known = self.ids.setdefault(parameter, [])
        known.append(number)
        if len(known) > 400:
            known.pop(100)
        self.etags[number] = etag


class Requests:
    """Requests to one service without end, the same again for the same chance."""

    def __init__(self, document: Path, known: Known, chance: Random, *, drawn: int) -> None:
        self._known = known
        self._chance = chance
        self._keys = [str(UUID(int=chance.getrandbits(128), version=4)) for _ in range(5)]
        schema = schemathesis.openapi.from_dict(json.loads(document.read_text("utf-8")))
        self.operations = [found.ok() for found in schema.get_all_operations()]
        self._cases = {one.label: drawn_cases(one, chance.randrange(2**32), drawn) for one in self.operations}

    def __iter__(self) -> Iterator[Asked]:
        """Every operation alike often, in any order."""
        while True:
            for operation in self._chance.sample(self.operations, len(self.operations)):
                yield self._asked(operation)

    def _asked(self, operation: APIOperation) -> Asked:
        case = self._chance.choice(self._cases[operation.label])
        number = self._id(case)
        query = self._query(case)
        headers, body = self._headers(case, next(reversed(number.values()), "")), self._body(case)
        files = FILES.get(_operation_id(case))
        if files and self._chance.random() < 0.7:
            media_type, name, body = self._chance.choice(files)
            named = {"Content-Type": media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
            headers |= named
            body = broken(body, self._chance) if self._chance.random() < 0.2 else body
        return Asked(
            operation,
            case.method.upper(),
            operation.path.format_map(number) + (f"?{query}" if query else ""),
            headers,
            body,
            self._login(operation.label),
        )

    def _login(self, label: str) -> str | None:
        login = self._chance.choice(LOGINS)
        while (label, login) in self._known.refused and self._chance.random() < 0.8:
            login = self._chance.choice(LOGINS)
        return login

    def _id(self, case: Case) -> dict[str, str]:
        """The ids in the path: mostly some that exist, else what the schema gave or something strange."""
        ids = {name: self._one_id(name, value) for name, value in (case.path_parameters or {}).items()}
        inner = list(ids.values())[-1:]
        if inner and inner[0] in self._known.within and self._chance.random() < 0.9:
            ids["application_id"] = self._known.within[inner[0]]
        return ids

    def _one_id(self, name: str, drawn: Any) -> str:
        known = self._known.ids.get(name)
        if known and self._chance.random() < 0.8:
            return self._chance.choice(known)
        if self._chance.random() < 0.2:
            drawn = self._chance.choice(STRANGE)
        return quote(str(drawn)[:200], safe="%", errors="replace") or "-"

    def _query(self, case: Case) -> str:
        query = {**case.query} if isinstance(case.query, Mapping) else {}
        for name in query:
            if name in self._known.ids and self._chance.random() < 0.5:
                query[name] = self._chance.choice(self._known.ids[name])
        if self._chance.random() < 0.1:
            query[self._chance.choice((*query, MARKER, "limit", "cursor"))] = self._chance.choice(STRANGE)
        return urlencode(query, doseq=True, errors="replace")

    def _headers(self, case: Case, number: str) -> dict[str, str]:
        headers = {"Content-Type": case.media_type or "application/json"} if case.method.upper() == "POST" else {}
        if self._chance.random() < 0.02:
            headers["Content-Type"] = self._chance.choice(MEDIA_TYPES)
        for name, value in (case.headers or {}).items():
            if _HEADER_NAME.fullmatch(name) and name.lower() not in _NOT_OURS:
                headers[name] = sendable(value)
        if "If-Match" in headers and self._chance.random() < 0.8:
            headers["If-Match"] = self._known.etags.get(number) or f'"{self._chance.randrange(20)}"'
        if "Idempotency-Key" in headers and self._chance.random() < 0.8:
            fresh = str(UUID(int=self._chance.getrandbits(128), version=4))
            headers["Idempotency-Key"] = self._chance.choice((*[fresh] * 9, *self._keys[:1]))
        if self._chance.random() < 0.1:
            headers[self._chance.choice(("If-Match", "Idempotency-Key", "traceparent", "X-Correlation-Id"))] = MARKER
        return headers

    def _body(self, case: Case) -> bytes | None:
        if isinstance(case.body, bytes):
            return case.body
        value = case.body if case.media_type else None
        sound = SOUND.get(_operation_id(case))
        if sound and self._chance.random() < 0.5:
            value = self._chance.choice(sound)()
        if value is None and self._chance.random() < 0.95:
            return None
        if self._chance.random() < 0.4:
            value = spoiled(value, self._chance)
        body = written(value, self._chance)
        return broken(body, self._chance) if self._chance.random() < 0.05 else body


def _operation_id(case: Case) -> str:
    return str(case.operation.definition.raw.get("operationId"))


def drawn_cases(operation: APIOperation, number: int, count: int) -> list[Case]:
    """So many right cases of an operation, and so many wrong ones where any can be."""
    return list(chain.from_iterable(_drawn(operation, mode, number, count) for mode in GenerationMode))


def _drawn(operation: APIOperation, mode: GenerationMode, number: int, count: int) -> list[Case]:
    cases: list[Case] = []

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Case) -> None:
        cases.append(case)

    draw()
    return cases


def sendable(value: object) -> str:
    """A header's value as far as a client of HTTP sends it at all."""
    return re.sub(r"[^\x20-\x7e\x80-\xff]", "?", str(value)).strip()[:2000]
