"""Whatever people write in a case is taken out of what is stored in the open; a new text has to be thought about."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from pydantic_core import to_json

from kfi_applications import personal_texts, repository
from kfi_applications.domain.application import Application
from kfi_applications.personal_texts import ADDRESSEE, LISTS, NAME, TEXTS, applicant_name, stored, whole
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.privacy.keys import ERASED, ErasedPerson, KeyRing, NotDecrypted, PersonKey

OF_OURS = {
    "early_start.permitted_by",
    "information_requests.*.requested_by",
    "applicant.seat_ags",
    "finance_plan.measures.*.kind",
    "assessment.funded_plan.measures.*.kind",
    "assessment.findings.*.rule",
    "assessment.findings.*.name",
    "assessment.findings.*.paragraph",
    "assessment.findings.*.source",
    "assessment.version",
    "assessment.amounts.steps.*.rule",
    "assessment.amounts.steps.*.version",
    "assessment.amounts.steps.*.paragraph",
    "assessment.amounts.steps.*.inputs",
    "assessment.amounts.steps.*.result",
    "assessment.amounts.steps.*.source",
    "proposal.budget_title",
    "proposal.by",
    "decision.signed_by",
    "decision.letter_digest",
    "failed_notifications.*.channel",
    "failed_notifications.*.reason",
}
"""Texts that are codes, pseudonyms or sentences of the rules, which nobody writes freely."""
CASE = UUID(int=7)


def texts_in(kind: Any, path: str) -> Iterator[str]:
    """The places of plain texts within a type."""
    if kind is str:
        yield path
    elif is_dataclass(get_origin(kind) or kind):
        for name, inner in get_type_hints(get_origin(kind) or kind).items():
            yield from texts_in(inner, f"{path}.{name}")
    elif get_origin(kind) is tuple:
        yield from texts_in(get_args(kind)[0], path if get_args(kind)[0] is str else f"{path}.*")
    elif get_origin(kind) is Mapping:
        yield from texts_in(get_args(kind)[1], path)
    else:
        for inner in get_args(kind):
            yield from texts_in(inner, path)


def test_every_text_of_a_case_is_encrypted_or_known_to_be_ours() -> None:
    kinds = get_type_hints(Application)
    found = {text for name in repository._DOCUMENTS for text in texts_in(kinds[name], name)}
    encrypted = {text for text in found if text.startswith(f"{ADDRESSEE}.")} | {NAME, *TEXTS, *LISTS}
    assert found - encrypted == OF_OURS
    assert encrypted <= found


@pytest.fixture
def key(tmp_path: Path) -> PersonKey:
    KeyFile.with_a_new_key(tmp_path / "keys.json")
    return KeyRing(tmp_path / "keys.json").new_key(CASE)[0]


@pytest.fixture
def documents(in_second_check: Application) -> dict[str, Any]:
    return repository.documents_of(in_second_check)


@pytest.fixture
def row_of() -> Callable[[dict[str, Any]], Any]:
    def row(columns: dict[str, Any]) -> Any:
        return SimpleNamespace(**({"id": CASE, "open_name": None} | columns))

    return row


def test_what_is_stored_in_the_open_names_nobody(documents: Any, key: PersonKey) -> None:
    written = [documents["applicant"]["name"], documents["project"]["title"], *documents["addressee"].values()]
    written += [cost["label"] for cost in documents["finance_plan"]["costs"]] + documents["proposal"]["reasons"]
    in_the_open = to_json({name: value for name, value in stored(CASE, documents, key).items() if is_open(name)})
    assert not [text for text in written if text and len(text) > 3 and to_json(text)[1:-1] in in_the_open]


def is_open(name: str) -> bool:
    return name not in {"texts", "applicant_name"}


def test_it_is_read_as_it_was(documents: Any, key: PersonKey, row_of: Any) -> None:
    row = row_of(stored(CASE, deepcopy(documents), key))
    assert whole(row, {name: getattr(row, name) for name in documents}, key) == documents
    assert applicant_name(row, key) == documents["applicant"]["name"]


def test_of_an_erased_person_every_text_reads_as_erased_and_every_amount_stays(
    documents: Any, key: PersonKey, row_of: Any
) -> None:
    row = row_of(stored(CASE, deepcopy(documents), key))
    read = whole(row, {name: getattr(row, name) for name in documents}, ErasedPerson())
    assert (
        set(read["addressee"].values()) == {read["applicant"]["name"], applicant_name(row, ErasedPerson())} == {ERASED}
    )
    assert read["proposal"]["reasons"] == [ERASED]
    assert read["finance_plan"]["requested_grant"] == documents["finance_plan"]["requested_grant"]
    for name, adapter in repository._DOCUMENTS.items():
        adapter.validate_python(read[name])


def test_the_texts_of_one_case_do_not_open_in_another(documents: Any, key: PersonKey, row_of: Any) -> None:
    row = row_of(stored(CASE, deepcopy(documents), key))
    row.id = UUID(int=8)
    with pytest.raises(NotDecrypted):
        whole(row, {name: getattr(row, name) for name in documents}, key)


def test_in_the_open_a_case_is_stored_as_the_release_before_reads_it(documents: Any, row_of: Any) -> None:
    columns = stored(CASE, deepcopy(documents), None)
    assert {name: columns[name] for name in documents} == documents
    assert columns["texts"] is columns["applicant_name"] is None
    row = row_of(columns | {"open_name": documents["applicant"]["name"]})
    assert whole(row, deepcopy(documents), ErasedPerson()) == documents
    assert applicant_name(row, ErasedPerson()) == documents["applicant"]["name"]


def test_a_text_that_was_not_taken_out_at_its_time_is_read_where_it_stands(
    documents: Any, key: PersonKey, row_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(personal_texts, "_ALL", tuple(path for path in personal_texts._ALL if "project" not in path))
        row = row_of(stored(CASE, deepcopy(documents), key))
    assert whole(row, {name: deepcopy(getattr(row, name)) for name in documents}, key) == documents
    erased = whole(row, {name: getattr(row, name) for name in documents}, ErasedPerson())
    assert erased["project"]["title"] == ERASED
