from typing import Any

import pytest

from kfi_contracts.applications import DecisionMade
from kfi_contracts.conformity import UnknownKeyword, violations
from kfi_contracts.examples import EVENT_EXAMPLES
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import LetterContent

SCHEMA = DecisionMade.model_json_schema()
GRANTED = EVENT_EXAMPLES[DecisionMade]["granted"].model_dump(mode="json")
YEAR = {"year": 2026, "amount": "24000.00"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"outcome": "postponed"}, [".outcome: enum"]),
        ({"outcome": 5}, [".outcome: enum", ".outcome: type"]),
        ({"granted_amount": "1"}, [".granted_amount: pattern"]),
        ({"granted_amount": "1.00\n"}, [".granted_amount: pattern"]),
        ({"granted_amount": 1.0}, [".granted_amount: type"]),
        ({"decision_id": "x"}, [".decision_id: format"]),
        ({"decided_on": "2026-13-01"}, [".decided_on: format"]),
        ({"file_number": "x" * 65}, [".file_number: maxLength"]),
        ({"years": "2026"}, [".years: type"]),
        ({"years": [YEAR, {**YEAR, "year": True}]}, [".years[1].year: type"]),
        ({"years": [{**YEAR, "year": 1}]}, [".years[0].year: minimum"]),
        ({"years": [{**YEAR, "year": 9999}]}, [".years[0].year: maximum"]),
        ({"years": [{"amount": "1.00"}]}, [".years[0].year: missing"]),
        ({"years": [{**YEAR, "month": 1}]}, [".years[0].month: unknown"]),
        ({"new": 1}, [".new: unknown"]),
    ],
)
def test_each_violation_is_named(changes: dict[str, Any], found: list[str]) -> None:
    assert sorted(violations({**GRANTED, **changes}, SCHEMA)) == found


def test_a_document_of_another_type_is_a_violation() -> None:
    assert violations([], SCHEMA) == ["(whole document): type"]


def test_a_tolerant_reader_minds_no_unknown_field_at_any_depth() -> None:
    document = {**GRANTED, "new": 1, "years": [{**YEAR, "month": 1}]}
    assert violations(document, SCHEMA, tolerant=True) == []


def test_a_tolerant_reader_still_minds_a_missing_field() -> None:
    without = {name: value for name, value in GRANTED.items() if name != "outcome"}
    assert violations(without, SCHEMA, tolerant=True) == [".outcome: missing"]


@pytest.mark.parametrize("kind", LETTER_EXAMPLES)
def test_a_union_takes_each_of_its_alternatives_and_nothing_else(kind: str) -> None:
    schema = LetterContent.model_json_schema()
    content = LETTER_EXAMPLES[kind].model_dump(mode="json")
    assert violations(content, schema) == []
    assert violations({**content, "facts": {"kind": "other"}}, schema) == [".facts: none of the alternatives"]


@pytest.mark.parametrize(
    "schema",
    [{"multipleOf": 2}, {"format": "ipv4"}, {"pattern": "unanchored"}, {"additionalProperties": {"type": "string"}}],
)
def test_a_keyword_that_cannot_be_checked_is_an_error(schema: dict[str, Any]) -> None:
    document: Any = {} if "additionalProperties" in schema else "x"
    with pytest.raises(UnknownKeyword):
        violations(document, schema)
