"""Tells whether two schemas understand each other's documents: FULL compatibility, by an own structural comparison.

Within a major version a schema may only gain optional fields. Then every old reader reads every new document (it
ignores what it does not know) and every new reader every old one: closed(old) is contained in closed(new), and new
documents without their new fields are old documents. Both relations are transitive. The comparison knows the subset of
JSON Schema 2020-12 that pydantic writes for models without recursion; what it does not know must not change.

A contract whose readers are always updated before its writers may also gain kinds: members of a union, or alternatives
beside a model that stood alone. New readers read every old document; old ones never meet a new kind. Models take no
field they do not know, so that no document of one kind can be read as another.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

ANNOTATIONS: Final = frozenset(
    {"$schema", "$defs", "title", "description", "examples", "x-classification", "discriminator"}
)
_COMPARED_APART: Final = frozenset({"type", "properties", "required", "enum", "const", "items", "anyOf", "oneOf"})


def breaking_changes(old: Schema, new: Schema, *, readers_first: bool = False) -> list[str]:
    """Name every change that an old reader or a new one would stumble over, each with the path of its field.

    With `readers_first` a model may become one of several, and a union gain members.
    """
    return list(_changes("", old, new, _Definitions(old, new, readers_first=readers_first)))


def resolved(schema: Schema, definitions: Schema) -> Schema:
    """Replace a local ``$ref`` by what it points to; keywords beside the ``$ref`` win."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target = definitions[reference.removeprefix("#/$defs/")]
    return {**target, **{keyword: value for keyword, value in schema.items() if keyword != "$ref"}}


class _Definitions:
    def __init__(self, old: Schema, new: Schema, *, readers_first: bool) -> None:
        self.old: Schema = old.get("$defs", {})
        self.new: Schema = new.get("$defs", {})
        self.readers_first = readers_first

    def may_have_grown(self, old: Schema, new: Schema) -> bool:
        """Whether both are told apart in the same way, and every old kind is still there."""
        if not self.readers_first:
            return False
        before, after = _alternatives(old, self.old), _alternatives(new, self.new)
        models = all(each.get("type") == "object" for each in after.values())
        return bool(before) and models and _told_apart_by(old) == _told_apart_by(new) and before.keys() <= after.keys()

    def same_kind_in(self, old: Schema, new: Schema) -> Schema | None:
        """The alternative that a model has become, where other models stand beside it; None where it stands alone."""
        if not self.readers_first or old.get("type") != "object":
            return None
        after = _alternatives(new, self.new)
        models = all(each.get("type") == "object" for each in after.values())
        return after.get(str(old.get("title"))) if models else None


def _changes(path: str, old: Schema, new: Schema, definitions: _Definitions) -> Iterator[str]:
    old, new = resolved(old, definitions.old), resolved(new, definitions.new)
    new = definitions.same_kind_in(old, new) or new
    was, becomes = _kind(old, definitions.old), _kind(new, definitions.new)
    if was != becomes and not definitions.may_have_grown(old, new):
        yield f"field {_at(path)} retyped from {was} to {becomes}"
        return
    yield from _changed_fields(path, old, new, definitions)
    yield from _changed_values(path, old, new)
    yield from _changed_parts(path, old, new, definitions)
    for keyword in sorted((old.keys() | new.keys()) - ANNOTATIONS - _COMPARED_APART):
        before, after = _said(old, keyword), _said(new, keyword)
        if before != after:
            yield f"field {_at(path)}: {keyword} changed from {before} to {after}"


def _changed_fields(path: str, old: Schema, new: Schema, definitions: _Definitions) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for name, schema in before.items():
        if name not in after:
            yield f"field {_join(path, name)} removed or renamed"
            continue
        yield from _changes(_join(path, name), schema, after[name], definitions)
        if (name in was_required) != (name in is_required):
            yield f"field {_join(path, name)} {'newly' if name in is_required else 'no longer'} required"
    for name in after:
        if name not in before and name in is_required:
            yield f"field {_join(path, name)} newly required"


def _changed_values(path: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = _values(old), _values(new)
    for value in sorted(before - after):
        yield f"field {_at(path)}: value {value} removed"
    for value in sorted(after - before):
        yield f"field {_at(path)}: value {value} added to a closed enumeration"
    if bool(before) != bool(after):
        yield f"field {_at(path)}: enumeration {'closed' if after else 'opened'}"


def _changed_parts(path: str, old: Schema, new: Schema, definitions: _Definitions) -> Iterator[str]:
    if "items" in old and "items" in new:
        yield from _changes(f"{path}[]", old["items"], new["items"], definitions)
    before, after = _alternatives(old, definitions.old), _alternatives(new, definitions.new)
    for name, schema in before.items():
        yield from _changes(path, schema, after[name], definitions)


def _kind(schema: Schema, definitions: Schema) -> str:
    """What a document looks like at first sight; alternatives in alphabetical order."""
    if alternatives := _alternatives(schema, definitions):
        return " or ".join(sorted(alternatives))
    kind = str(schema.get("type", "anything"))
    return f"{kind} of anything" if kind == "array" and "items" not in schema else kind


def _alternatives(schema: Schema, definitions: Schema) -> dict[str, Schema]:
    """The members of a union by name: a model's title, or the type of a plain value."""
    members = [resolved(member, definitions) for member in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
    return {str(member.get("title") or member.get("type")): member for member in members}


def _told_apart_by(schema: Schema) -> str | None:
    """The field that says which kind it is; None where the kinds have different fields."""
    return str(schema["discriminator"]["propertyName"]) if "discriminator" in schema else None


def _values(schema: Schema) -> set[str]:
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return {str(value) for value in values}


def _said(schema: Schema, keyword: str) -> str:
    return repr(schema[keyword]) if keyword in schema else "nothing"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(path: str) -> str:
    return path or "(whole document)"
