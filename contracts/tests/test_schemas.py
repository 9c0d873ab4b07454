"""The frozen files are what the code says, and nobody changes them by accident."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

import pytest
from pydantic import Field

from kfi_contracts import schemas
from kfi_contracts.applications import DecisionFinal
from kfi_contracts.classification import Internal
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES
from kfi_contracts.frozen import Contract, findings, freeze
from kfi_contracts.schemas import CONTRACTS_FOLDER, all_contracts, event_contract, main

NAME = "tests.thing-happened.v1"


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


class BetterMood(StrEnum):
    GOOD = "good"
    BAD = "bad"
    MIXED = "mixed"


class Thing(Event):
    """A thing happened."""

    type: ClassVar[str] = f"de.nrw.kfi.{NAME}"
    topic: ClassVar[str] = "tests.thing.v1"
    source: ClassVar[str] = "/kfi/tests"
    subject_field: ClassVar[str] = "thing_id"

    thing_id: Annotated[UUID, Internal()] = UUID(int=1)


class First(Thing):
    mood: Annotated[Mood, Internal()]
    weight: Annotated[int, Internal()]


class WithOptional(Thing):
    revision: ClassVar[int] = 2
    mood: Annotated[Mood, Internal()]
    weight: Annotated[int, Internal()]
    colour: Annotated[str | None, Internal()] = None


class WithRequired(First):
    revision: ClassVar[int] = 2
    colour: Annotated[str, Internal()]


class WithoutWeight(Thing):
    revision: ClassVar[int] = 2
    mood: Annotated[Mood, Internal()]


class Renamed(Thing):
    revision: ClassVar[int] = 2
    mood: Annotated[Mood, Internal()]
    mass: Annotated[int, Internal()]


class Retyped(Thing):
    revision: ClassVar[int] = 2
    mood: Annotated[Mood, Internal()]
    weight: Annotated[str, Internal()]


class Widened(Thing):
    revision: ClassVar[int] = 2
    mood: Annotated[BetterMood, Internal()]
    weight: Annotated[int, Internal()]


FIRST = First(mood=Mood.GOOD, weight=3)


def contract(event: type[Event], example: Event) -> Contract:
    return event_contract(event, {"usual": example})


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A folder in which the first revision of one event is frozen."""
    freeze(tmp_path, [contract(First, FIRST)])
    return tmp_path


def files(root: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.json"))}


def test_the_committed_files_are_what_the_code_says() -> None:
    assert findings(CONTRACTS_FOLDER, all_contracts()) == []


def test_freezing_writes_one_folder_per_event_version(frozen: Path) -> None:
    assert list(files(frozen)) == [f"examples/{NAME}/1-usual.json", f"schemas/{NAME}/1.json"]
    assert findings(frozen, [contract(First, FIRST)]) == []


def test_a_compatible_change_is_frozen_as_a_revision_beside_the_old_one(frozen: Path) -> None:
    before = files(frozen)
    new = contract(WithOptional, WithOptional(mood=Mood.BAD, weight=1, colour="red"))
    assert len(findings(frozen, [new])) == 2, "not frozen yet"
    assert [path.name for path in freeze(frozen, [new])] == ["2.json", "2-usual.json"]
    assert findings(frozen, [new]) == []
    assert before.items() <= files(frozen).items()


BREAKING: dict[str, tuple[Event, str]] = {
    "removed": (WithoutWeight(mood=Mood.BAD), "field weight removed or renamed"),
    "renamed": (Renamed(mood=Mood.BAD, mass=1), "field weight removed or renamed"),
    "retyped": (Retyped(mood=Mood.BAD, weight="1"), "field weight retyped from integer to string"),
    "newly required": (WithRequired(mood=Mood.BAD, weight=1, colour="red"), "field colour newly required"),
    "enum value added": (
        Widened(mood=BetterMood.MIXED, weight=1),
        "field mood: value mixed added to a closed enumeration",
    ),
}


@pytest.mark.parametrize(("example", "change"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_refused_by_name_and_freezes_nothing(frozen: Path, example: Event, change: str) -> None:
    before = files(frozen)
    new = contract(type(example), example)
    assert f"{NAME}: {change} (since revision 1); a breaking change needs a new type" in findings(frozen, [new])
    assert freeze(frozen, [new]) == []
    assert files(frozen) == before


def test_a_field_that_comes_and_goes_is_found_against_every_revision_not_just_the_last(frozen: Path) -> None:
    freeze(frozen, [contract(WithOptional, WithOptional(mood=Mood.BAD, weight=1))])

    class Third(First):
        revision: ClassVar[int] = 3

    found = findings(frozen, [contract(Third, Third(mood=Mood.BAD, weight=1))])
    assert any("field colour removed or renamed (since revision 2)" in finding for finding in found)


def test_old_examples_are_read_by_the_new_model(frozen: Path) -> None:
    found = findings(frozen, [contract(WithRequired, WithRequired(mood=Mood.BAD, weight=1, colour="red"))])
    assert f"{NAME}: examples/{NAME}/1-usual.json is no longer read: colour (missing)" in found


def test_new_examples_are_read_by_the_old_schema_minus_unknown_fields(frozen: Path) -> None:
    found = findings(frozen, [contract(Widened, Widened(mood=BetterMood.MIXED, weight=1))])
    assert f"{NAME}: example usual is unreadable for revision 1: .mood: enum" in found


def test_a_rule_outside_the_schema_is_found_by_the_examples(frozen: Path) -> None:
    """Validators do not show in a schema; that is why every example ever published is read again."""

    class Stricter(Thing):
        mood: Annotated[Mood, Internal()]
        weight: Annotated[int, Internal()]

        def model_post_init(self, _: Any) -> None:
            if self.weight == FIRST.weight:
                raise ValueError("no longer")

    found = findings(frozen, [contract(Stricter, Stricter(mood=Mood.BAD, weight=1))])
    assert f"{NAME}: examples/{NAME}/1-usual.json is no longer read: whole document (value_error)" in found


def test_a_change_without_a_new_revision_is_found(frozen: Path) -> None:
    described = First.model_json_schema() | {"description": "Said better."}
    new = replace(contract(First, FIRST), schema=described)
    assert findings(frozen, [new]) == [
        f"{NAME}: schemas/{NAME}/1.json is frozen and the code differs; raise revision 1 by one"
    ]
    assert freeze(frozen, [new]) == []


def test_an_event_that_disappears_from_the_code_is_found(frozen: Path) -> None:
    assert findings(frozen, []) == [f"{NAME}: published, but no longer in the code"]


def test_a_revision_newer_than_the_code_is_found(frozen: Path) -> None:
    freeze(frozen, [contract(WithOptional, WithOptional(mood=Mood.BAD, weight=1))])
    assert f"{NAME}: revision 2 is frozen, the code is still at 1" in findings(frozen, [contract(First, FIRST)])


def test_a_frozen_revision_that_was_deleted_is_found(frozen: Path) -> None:
    new = contract(WithOptional, WithOptional(mood=Mood.BAD, weight=1))
    freeze(frozen, [new])
    (frozen / "schemas" / NAME / "1.json").unlink()
    assert findings(frozen, [new]) == [f"{NAME}: revision 1 was published and its schema is gone"]


@pytest.mark.parametrize("content", [b"{", b"{}", b'{"specversion": "1.0"}'])
def test_a_spoiled_example_is_found(frozen: Path, content: bytes) -> None:
    (frozen / "examples" / NAME / "1-usual.json").write_bytes(content)
    assert any("is no longer read" in finding for finding in findings(frozen, [contract(First, FIRST)]))


def test_an_example_that_violates_the_schema_of_its_revision_is_found(frozen: Path) -> None:
    path = frozen / "examples" / NAME / "1-usual.json"
    document = json.loads(path.read_bytes())
    document["data"]["surplus"] = 1
    path.write_text(json.dumps(document))
    found = findings(frozen, [contract(First, FIRST)])
    assert f"{NAME}: examples/{NAME}/1-usual.json violates the schema of its revision: .surplus: unknown" in found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for kind in ("schemas", "examples"):
        shutil.copytree(CONTRACTS_FOLDER / kind, tmp_path / kind)
    return tmp_path


def test_the_command_checks_a_good_copy(copied: Path) -> None:
    assert main(["--check", "--root", str(copied)]) == 0


def test_the_command_names_a_breaking_change_in_a_copy(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / "schemas" / "applications.decision-made.v1" / "1.json"
    schema = json.loads(path.read_bytes())
    schema["$defs"]["Outcome"]["enum"].remove("granted_in_part")
    path.write_text(json.dumps(schema))
    assert main(["--check", "--root", str(copied)]) == 1
    named = "applications.decision-made.v1: field outcome: value granted_in_part added to a closed enumeration"
    assert named in capsys.readouterr().err


def test_the_command_freezes_what_is_missing_and_then_agrees(tmp_path: Path) -> None:
    for folder in ("schemas", "examples"):
        shutil.copytree(CONTRACTS_FOLDER / folder, tmp_path / folder)
    for contract in all_contracts():
        for path in tmp_path.glob(f"*/{contract.name}/{contract.revision}[.-]*"):
            path.unlink()
    assert main(["--check", "--root", str(tmp_path)]) == 1
    assert main(["--root", str(tmp_path)]) == 0
    assert files(tmp_path) == {
        name: content for name, content in files(CONTRACTS_FOLDER).items() if name.startswith(("schemas/", "examples/"))
    }


def test_installed_alone_the_command_writes_nothing_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "CONTRACTS_FOLDER", tmp_path)
    with pytest.raises(SystemExit, match="run this in a checkout"):
        main([])
    assert files(tmp_path) == {}


def test_a_planted_change_of_a_real_event_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Planted(DecisionFinal):
        """The decision can no longer be contested; money may flow."""

        reopened: Annotated[bool, Field(), Internal("Planted")]

    example = Planted(**dict(EVENT_EXAMPLES[DecisionFinal]["remedy-period-ended"]), reopened=False)
    monkeypatch.setattr(schemas, "ALL_EVENTS", (Planted,))
    monkeypatch.setattr(schemas, "EVENT_EXAMPLES", {Planted: {"remedy-period-ended": example}})
    found = findings(CONTRACTS_FOLDER, all_contracts())
    assert any(finding.startswith("applications.decision-final.v1: field reopened newly required") for finding in found)
