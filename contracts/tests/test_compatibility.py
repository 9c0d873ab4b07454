"""Each change of a contract that somebody would stumble over is named; each that nobody would is let through."""

from collections.abc import Callable
from copy import deepcopy
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from kfi_contracts.compatibility import breaking_changes
from kfi_contracts.conformity import violations
from kfi_contracts.event import Published
from kfi_contracts.schemas import all_contracts

Schema = dict[str, Any]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Wheel(Published):
    inches: int
    spokes: int | None = None


class Square(Published):
    kind: Literal["square"] = "square"
    side: int


class Circle(Published):
    kind: Literal["circle"] = "circle"
    radius: int


class Bicycle(Published):
    frame: Annotated[str, Field(max_length=10, pattern="^[a-z]+$")]
    colour: Colour
    second_colour: Colour | None = None
    wheels: tuple[Wheel, ...]
    gears: int = 1
    badge: Annotated[Square | Circle, Field(discriminator="kind")]


def bicycle() -> Schema:
    return Bicycle.model_json_schema()


def edited(edit: Callable[[Schema, Schema], object]) -> Schema:
    """A copy of the schema after an edit of its properties and definitions."""
    schema = deepcopy(bicycle())
    edit(schema["properties"], schema["$defs"])
    return schema


def required(schema: Schema, *names: str) -> Schema:
    return {**schema, "required": list(names)}


BREAKING: dict[str, tuple[Callable[[Schema, Schema], object], list[str]]] = {
    "removed": (lambda fields, _: fields.pop("frame"), ["field frame removed or renamed"]),
    "optional one removed": (lambda fields, _: fields.pop("gears"), ["field gears removed or renamed"]),
    "removed in a list": (
        lambda _, defs: defs["Wheel"]["properties"].pop("inches"),
        ["field wheels[].inches removed or renamed"],
    ),
    "renamed": (
        lambda fields, _: fields.update(saddle=fields.pop("frame")),
        ["field frame removed or renamed"],
    ),
    "retyped": (
        lambda fields, _: fields.update(frame={"type": "integer"}),
        ["field frame retyped from string to integer"],
    ),
    "retyped to a list": (
        lambda fields, _: fields.update(gears={"type": "array", "items": {"type": "integer"}, "default": 1}),
        ["field gears retyped from integer to array"],
    ),
    "list of something else": (
        lambda fields, _: fields["wheels"].update(items={"type": "integer"}),
        ["field wheels[] retyped from object to integer"],
    ),
    "null allowed": (
        lambda fields, _: fields.update(frame={"anyOf": [fields["frame"], {"type": "null"}]}),
        ["field frame retyped from string to Frame or null"],
    ),
    "null forbidden": (
        lambda fields, _: fields.update(second_colour={"$ref": "#/$defs/Colour", "default": None}),
        ["field second_colour retyped from Colour or null to string"],
    ),
    "enum value added": (
        lambda _, defs: defs["Colour"]["enum"].append("green"),
        [
            "field colour: value green added to a closed enumeration",
            "field second_colour: value green added to a closed enumeration",
        ],
    ),
    "enum value removed": (
        lambda _, defs: defs["Colour"]["enum"].remove("red"),
        ["field colour: value red removed", "field second_colour: value red removed"],
    ),
    "enum opened": (
        lambda fields, _: fields.update(colour={"type": "string"}),
        ["field colour: value blue removed", "field colour: value red removed", "field colour: enumeration opened"],
    ),
    "enum closed": (
        lambda fields, _: fields["frame"].update(enum=["steel"]),
        ["field frame: value steel added to a closed enumeration", "field frame: enumeration closed"],
    ),
    "length narrowed": (
        lambda fields, _: fields["frame"].update(maxLength=5),
        ["field frame: maxLength changed from 10 to 5"],
    ),
    "length widened": (
        lambda fields, _: fields["frame"].update(maxLength=50),
        ["field frame: maxLength changed from 10 to 50"],
    ),
    "bound added": (
        lambda fields, _: fields["gears"].update(minimum=1),
        ["field gears: minimum changed from nothing to 1"],
    ),
    "pattern dropped": (
        lambda fields, _: fields["frame"].pop("pattern"),
        ["field frame: pattern changed from '^[a-z]+$' to nothing"],
    ),
    "default changed": (
        lambda fields, _: fields["gears"].update(default=3),
        ["field gears: default changed from 1 to 3"],
    ),
    "default dropped": (
        lambda fields, _: fields["second_colour"].pop("default"),
        ["field second_colour: default changed from None to nothing"],
    ),
    "variant added": (
        lambda fields, defs: (
            defs.update(Star={"type": "object", "title": "Star"}),
            fields["badge"]["oneOf"].append({"$ref": "#/$defs/Star"}),
        ),
        ["field badge retyped from Circle or Square to Circle or Square or Star"],
    ),
    "variant changed": (
        lambda _, defs: defs["Circle"]["properties"].pop("radius"),
        ["field badge.radius removed or renamed"],
    ),
    "constant changed": (
        lambda _, defs: defs["Circle"]["properties"]["kind"].update(const="disc"),
        ["field badge.kind: value circle removed", "field badge.kind: value disc added to a closed enumeration"],
    ),
    "opened to unknown fields": (
        lambda _, defs: defs["Wheel"].pop("additionalProperties"),
        ["field wheels[]: additionalProperties changed from False to nothing"],
    ),
}


@pytest.mark.parametrize(("edit", "named"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_named(edit: Callable[[Schema, Schema], object], named: list[str]) -> None:
    assert breaking_changes(bicycle(), edited(edit)) == named


def test_a_new_required_field_is_named() -> None:
    new = edited(lambda fields, _: fields.update(bell={"type": "string"}))
    assert breaking_changes(bicycle(), {**new, "required": [*new["required"], "bell"]}) == ["field bell newly required"]


def test_a_field_that_becomes_required_is_named() -> None:
    new = {**bicycle(), "required": [*bicycle()["required"], "gears"]}
    assert breaking_changes(bicycle(), new) == ["field gears newly required"]


def test_a_field_that_becomes_optional_is_named_because_old_readers_need_it() -> None:
    new = {**bicycle(), "required": [name for name in bicycle()["required"] if name != "frame"]}
    assert breaking_changes(bicycle(), new) == ["field frame no longer required"]


def test_a_new_required_field_of_a_nested_value_is_named() -> None:
    def edit(_: Schema, definitions: Schema) -> None:
        definitions["Wheel"]["properties"]["hub"] = {"type": "string"}
        definitions["Wheel"]["required"].append("hub")

    assert breaking_changes(bicycle(), edited(edit)) == ["field wheels[].hub newly required"]


HARMLESS: dict[str, Callable[[Schema, Schema], object]] = {
    "nothing": lambda *_: None,
    "new optional field": lambda fields, _: fields.update(bell={"type": "string", "default": "ring"}),
    "new optional field deep down": lambda _, defs: defs["Wheel"]["properties"].update(hub={"type": "string"}),
    "another description": lambda fields, _: fields["frame"].update(description="better said", title="The frame"),
    "another classification": lambda fields, _: fields["frame"].update({"x-classification": "public"}),
    "enum values in another order": lambda _, defs: defs["Colour"]["enum"].reverse(),
    "variants in another order": lambda fields, _: fields["badge"]["oneOf"].reverse(),
    "fields in another order": lambda fields, _: fields.update(frame=fields.pop("frame")),
}


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_change_is_let_through(edit: Callable[[Schema, Schema], object]) -> None:
    assert breaking_changes(bicycle(), edited(edit)) == []


def test_a_renamed_definition_is_no_change_of_the_contract() -> None:
    renamed = bicycle()
    renamed["$defs"]["Rim"] = renamed["$defs"].pop("Wheel")
    renamed["properties"]["wheels"]["items"] = {"$ref": "#/$defs/Rim"}
    assert breaking_changes(bicycle(), renamed) == []


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
def test_every_contract_is_compatible_with_itself(contract: Any) -> None:
    assert breaking_changes(contract.schema, contract.schema) == []


optional_fields = st.dictionaries(
    st.sampled_from(["bell", "lamp", "rack"]),
    st.sampled_from([{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]),
)
bicycles = st.fixed_dictionaries(
    {
        "frame": st.sampled_from(["steel", "alu"]),
        "colour": st.sampled_from(["red", "blue"]),
        "wheels": st.lists(
            st.fixed_dictionaries({"inches": st.integers()}, optional={"spokes": st.none() | st.integers()})
        ),
        "badge": st.just({"kind": "square", "side": 1}) | st.just({"kind": "circle", "radius": 2}),
    },
    optional={"gears": st.integers()},
)


@given(bicycles, optional_fields)
def test_what_is_let_through_is_read_by_old_and_new(document: Schema, added: Schema) -> None:
    """Old documents conform to the new schema; new ones to the old schema as a tolerant reader reads them."""
    new = edited(lambda fields, _: fields.update(added))
    filled = {
        **document,
        **{name: {"string": "x", "integer": 1, "boolean": True}[each["type"]] for name, each in added.items()},
    }
    assert breaking_changes(bicycle(), new) == []
    assert violations(document, bicycle()) == []
    assert violations(document, new) == []
    assert violations(filled, new) == []
    assert violations(filled, bicycle(), tolerant=True) == []


class Triangle(Published):
    kind: Literal["triangle"] = "triangle"
    base: int


class BicycleWithNewBadge(Bicycle):
    badge: Annotated[Square | Circle | Triangle, Field(discriminator="kind")]  # type: ignore[assignment]


class BicycleWithFewerBadges(Bicycle):
    badge: Annotated[Square | Triangle, Field(discriminator="kind")]  # type: ignore[assignment]


def titled(model: type[Published]) -> Schema:
    return {**model.model_json_schema(), "title": "Bicycle"}


def test_a_new_kind_is_let_through_only_where_readers_are_updated_first() -> None:
    grown = titled(BicycleWithNewBadge)
    assert breaking_changes(bicycle(), grown, readers_first=True) == []
    assert breaking_changes(bicycle(), grown) == [
        "field badge retyped from Circle or Square to Circle or Square or Triangle"
    ]


def test_a_kind_that_goes_is_named_although_readers_are_updated_first() -> None:
    found = breaking_changes(bicycle(), titled(BicycleWithFewerBadges), readers_first=True)
    assert found == ["field badge retyped from Circle or Square to Square or Triangle"]


def test_a_change_inside_a_kind_is_named_although_readers_are_updated_first() -> None:
    grown = titled(BicycleWithNewBadge)
    grown["$defs"]["Square"]["properties"].pop("side")
    assert breaking_changes(bicycle(), grown, readers_first=True) == ["field badge.side removed or renamed"]


def test_a_value_added_to_an_enumeration_is_named_although_readers_are_updated_first() -> None:
    changed = edited(lambda _, defs: defs["Colour"]["enum"].append("green"))
    assert len(breaking_changes(bicycle(), changed, readers_first=True)) == 2
