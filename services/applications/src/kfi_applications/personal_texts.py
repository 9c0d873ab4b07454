"""What of a case may name a person: taken out of its documents before they are stored, and put back when read.

The documents keep what the law counts with: amounts, days, codes. Every text that people write goes into one ciphertext
of the case's person key, the applicant's name, which lists show, into one of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from pydantic_core import from_json, to_json

from kfi_applications.domain.case import Addressee
from kfi_applications.tables import APPLICATION
from kfi_chassis.privacy.keys import ERASED, PersonKey
from kfi_chassis.privacy.persons import Key

EACH: Final = "*"
NAME: Final = "applicant.name"
ADDRESSEE: Final = "addressee"
_PLAN: Final = ("costs.*.label", "measures.*.label")
TEXTS: Final = (
    "project.title",
    *(f"finance_plan.{text}" for text in _PLAN),
    "assessment.findings.*.reason",
    *(f"assessment.funded_plan.{text}" for text in _PLAN),
    "decision.signed_by_name",
    "information_requests.*.text",
    "information_requests.*.answer",
)
"""Single texts within the documents of a case."""
LISTS: Final = ("proposal.reasons", "proposal.conditions")
"""Lists of texts."""
_ALL: Final = tuple(tuple(path.split(".")) for path in (NAME, *TEXTS, *LISTS))

Documents = Mapping[str, Any]
COLUMNS: Final = (APPLICATION.c.applicant_name, APPLICATION.c.texts)


def stored(application_id: object, documents: dict[str, Any], key: Key | None) -> dict[str, Any]:
    """The columns of a case: its documents without their texts, the texts encrypted; without a key, all in the open.

    What was encrypted stays as it is when the person was erased.
    """
    if key is None:
        return documents | {column.name: None for column in COLUMNS}
    addressee = documents.pop(ADDRESSEE)
    taken = {".".join(path): list(_taken(documents, path)) for path in _ALL}
    open_columns = documents | {ADDRESSEE: {}}
    if not isinstance(key, PersonKey):
        return open_columns
    (name,) = taken.pop(NAME)
    texts = to_json({ADDRESSEE: addressee} | taken)
    return open_columns | {
        APPLICATION.c.applicant_name.name: key.encrypt(APPLICATION.c.applicant_name, application_id, name),
        APPLICATION.c.texts.name: key.encrypt(APPLICATION.c.texts, application_id, texts),
    }


def whole(row: Any, documents: dict[str, Any], key: Key) -> dict[str, Any]:
    """The documents of a row with their texts; ERASED in place of each when the person was erased.

    A row an older release wrote, or one of a rollout, has its documents whole, or those texts that were not taken out
    at its time.
    """
    if row.texts is None:
        return documents
    documents[ADDRESSEE] = dict.fromkeys((field.name for field in fields(Addressee)), ERASED)
    texts: dict[str, Any] = {}
    if isinstance(key, PersonKey):
        texts = from_json(key.decrypt(APPLICATION.c.texts, row.id, row.texts))
        texts[NAME] = [key.text(APPLICATION.c.applicant_name, row.id, row.applicant_name)]
        documents[ADDRESSEE] = texts[ADDRESSEE]
    for path in _ALL:
        name = ".".join(path)
        if name in texts or key.erased:
            _put(documents, path, iter(texts[name]) if name in texts else _erased(name))
    return documents


def applicant_name(row: Any, key: Key) -> str:
    """The applicant's name of a row with ``id``, ``applicant_name`` and, of an older release, ``open_name``."""
    if row.applicant_name is None:
        return str(row.open_name)
    return key.text(APPLICATION.c.applicant_name, row.id, row.applicant_name)


def _erased(path: str) -> Iterator[Any]:
    while True:
        yield [ERASED] if path in LISTS else ERASED


def _taken(node: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Take the values at a path out of a document, in their order."""
    head, *rest = path
    if node is None:
        return
    if head == EACH:
        for item in node:
            yield from _taken(item, tuple(rest))
    elif rest:
        yield from _taken(node.get(head), tuple(rest))
    else:
        yield node.pop(head)


def _put(node: Any, path: tuple[str, ...], values: Iterator[Any]) -> None:
    """Put values back at a path, in their order; None where an older release knew nothing of it."""
    head, *rest = path
    if node is None:
        return
    if head == EACH:
        for item in node:
            _put(item, tuple(rest), values)
    elif rest:
        _put(node.get(head), tuple(rest), values)
    else:
        node[head] = next(values, None)
