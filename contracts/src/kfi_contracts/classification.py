"""How sensitive each published field is, written on the field itself.

Every field of every published model carries one marker: ``Annotated[UUID, Internal("the application")]``. The marker
also describes the field, so that schema, AsyncAPI document and code say the same. No event may carry a ``Personal``
field: persons travel only ``Sealed``, that is encrypted to the one service that needs them.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Classification(StrEnum):
    """Who may see a field, from everybody to one recipient; members are ordered from harmless to sensitive."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SEALED = "sealed"


class Classified:
    """Marks a field with its classification and describes it; use one of the four subclasses."""

    level: ClassVar[Classification]

    def __init__(self, description: str = "") -> None:
        self.description = description

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = dict(handler(core_schema))
        if self.description:
            schema["description"] = self.description
        schema["x-classification"] = self.level.value
        return schema


class Public(Classified):
    """Anybody may see it: codes, versions, dates of law."""

    level = Classification.PUBLIC


class Internal(Classified):
    """The authority's own: ids, file numbers, amounts, states of a procedure."""

    level = Classification.INTERNAL


class Personal(Classified):
    """Tells something about a natural person; never in an event, only inside what is sealed."""

    level = Classification.PERSONAL


class Sealed(Classified):
    """Encrypted to one recipient; whatever is inside is unreadable for anybody else."""

    level = Classification.SEALED


@cache
def classification_of(model: type[BaseModel]) -> Classification:
    """Tell the most sensitive classification among a model's fields; raises ``ValueError`` when one has none."""
    levels = [level for _, level in classified_fields(model)]
    if None in levels:
        raise ValueError(f"{model.__name__} has unclassified fields: {', '.join(unclassified_fields(model))}")
    order = list(Classification)
    return max((level for level in levels if level), key=order.index, default=Classification.PUBLIC)


def unclassified_fields(model: type[BaseModel]) -> list[str]:
    """List the fields, nested ones too, that carry no classification, as ``Model.field``."""
    return [path for path, level in classified_fields(model) if level is None]


def classified_fields(model: type[BaseModel]) -> Iterator[tuple[str, Classification | None]]:
    """Walk a model and every model inside it; yields ``Model.field`` and its classification, None when missing."""
    for walked in _models_in(model):
        default: Classification | None = getattr(walked, "default_classification", None)
        for name, field in walked.model_fields.items():
            yield f"{walked.__name__}.{name}", _level_of(field) or default


def _level_of(field: FieldInfo) -> Classification | None:
    marks = [mark.level for mark in field.metadata if isinstance(mark, Classified)]
    return marks[-1] if marks else None


def _models_in(model: type[BaseModel]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = [model]
    for walked in found:  # grows while it is walked: models inside models
        for field in walked.model_fields.values():
            found.extend(inner for inner in _models_of(field.annotation) if inner not in found)
    return found


def _models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_of(argument)
