"""Tables that claim to be whole are: settings with their defaults, metrics, reasons, obstacles, states, roles."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest
from pydantic.fields import FieldInfo

from kfi_allocation.domain.placement_states import GERMAN as PLACEMENT_GERMAN
from kfi_allocation.domain.placement_states import Mover as PlacementMover
from kfi_allocation.domain.run_states import RUN_GERMAN
from kfi_allocation.reasons import REASONS as ALLOCATION_REASONS
from kfi_applications.api.readers import AUDITOR
from kfi_applications.domain.states import GERMAN, Mover
from kfi_applications.reasons import REASONS as APPLICATIONS_REASONS
from kfi_chassis.desk.reasons import EVERYWHERE, REFUSALS
from kfi_chassis.operations import OPERATOR
from kfi_notifications.reasons import REASONS as NOTIFICATIONS_REASONS

from . import naming, reading

SETTINGS = (reading.ROOT / "docs/operations/settings.md").read_text("utf-8")
HEALTH = (reading.ROOT / "docs/operations/health-and-metrics.md").read_text("utf-8")
DESK = (reading.ROOT / "docs/operations/dead-letters.md").read_text("utf-8")
LETTERS = (reading.ROOT / "docs/operations/letters.md").read_text("utf-8")
GLOSSARY = (reading.ROOT / "docs/glossary.md").read_text("utf-8")
THE_STACK = "The stack, tests and `kfi-stack kafka apply`"


def first_codes(text: str, heading: str) -> list[str]:
    return [code for row in reading.table(text, heading) for code in reading.codes(row[0])]


def own_fields(heading: str) -> dict[str, FieldInfo]:
    """The fields of a section by variable; those of every service are told once."""
    fields = naming.SETTINGS[heading].model_fields
    inherited = {} if heading == "Every service" else naming.SETTINGS["Every service"].model_fields
    return {f"KFI_{name.upper()}": field for name, field in fields.items() if name not in inherited}


def says_the_default(cell: str, field: FieldInfo) -> bool:
    if field.default_factory is not None:
        return not reading.codes(cell) and cell not in {"required", "none"}
    if field.is_required():
        return cell == "required"
    return cell == ("none" if field.default is None else f"`{field.default}`")


@pytest.mark.parametrize("heading", naming.SETTINGS)
def test_the_settings_are_exactly_those_of_the_class(heading: str) -> None:
    assert sorted(first_codes(SETTINGS, heading)) == sorted(own_fields(heading))


@pytest.mark.parametrize("heading", naming.SETTINGS)
def test_the_defaults_are_those_of_the_class(heading: str) -> None:
    told = {reading.codes(row[0])[0]: row[2] for row in reading.table(SETTINGS, heading)}
    assert told.pop("KFI_SERVICE", "its own name") == "its own name"  # each service's class says its own
    fields = own_fields(heading)
    assert [name for name, cell in told.items() if not says_the_default(cell, fields[name])] == []


def test_the_variables_of_the_stack_are_exactly_those_it_reads() -> None:
    told = {name.partition("<")[0] for name in first_codes(SETTINGS, THE_STACK)}
    assert told == naming.variables_of_the_stack()


def test_every_metric_is_listed_once() -> None:
    assert sorted(first_codes(HEALTH, "What to watch")) == sorted(naming.metrics())


def test_every_log_event_listed_is_logged() -> None:
    assert set(first_codes(HEALTH, "Logs")) <= naming.log_events()


def test_every_reason_is_explained_and_no_other() -> None:
    assert sorted(first_codes(DESK, "What the reasons mean")) == sorted(set(naming.reason_codes()))


def test_the_desk_explains_every_reason_as_the_document_does() -> None:
    known = {**EVERYWHERE, **ALLOCATION_REASONS, **APPLICATIONS_REASONS, **NOTIFICATIONS_REASONS}
    told = reading.table(DESK, "What the reasons mean")
    documented = {code.partition(":<")[0]: plain(row[1:3]) for row in told for code in reading.codes(row[0])}
    assert {code: (each.meaning, each.remedy) for code, each in known.items()} == documented
    refused = reading.table(DESK, "The other end: events the broker refuses")[:2]
    assert [plain(row) for row in refused] == [(f"`{code}`", one.meaning, one.remedy) for code, one in REFUSALS.items()]


def plain(cells: Iterable[str]) -> tuple[str, ...]:
    """Without the links, which only the document has."""
    return tuple(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell) for cell in cells)


def test_every_obstacle_is_explained_and_no_other() -> None:
    assert sorted(first_codes(LETTERS, "What stops a letter")) == sorted(naming.obstacles())


@pytest.mark.parametrize(
    ("heading", "states"),
    [
        ("States of an application", GERMAN),
        ("States of a placement", PLACEMENT_GERMAN),
        ("States of a plan run", RUN_GERMAN),
    ],
)
def test_the_glossary_has_every_state_by_both_names(heading: str, states: Mapping[StrEnum, str]) -> None:
    told = {row[0]: row[1] for row in reading.table(GLOSSARY, heading)}
    assert told == {german: str(state) for state, german in states.items()}


def test_the_glossary_has_every_role() -> None:
    of_households = {PlacementMover.PLANNER, PlacementMover.SIGNATORY, PlacementMover.MUNICIPALITY}
    people = {str(mover) for mover in Mover} - {str(Mover.NOTIFICATIONS)} | {str(mover) for mover in of_households}
    assert {role for role in people | {AUDITOR, OPERATOR} if f"(`{role}`)" not in GLOSSARY} == set()


@pytest.mark.parametrize(
    ("cell", "field"),
    [("`5`", FieldInfo(default=6)), ("none", FieldInfo(default=6)), ("none", FieldInfo()), ("`x`", FieldInfo()),
     ("required", FieldInfo(default=None)), ("none", FieldInfo(default_factory=str))],
)  # fmt: skip
def test_a_wrong_default_is_seen(cell: str, field: FieldInfo) -> None:
    assert not says_the_default(cell, field)
