"""The rows of a list, whatever its kind, and the mappings that say how to read it."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

from kfi_allocation.arrival_files.csv_file import rows_of_csv
from kfi_allocation.arrival_files.json_file import rows_of_json
from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.domain.arrivals.mapping import ArrivalMapping, Encoding, Separator, mapping_from
from kfi_allocation.domain.arrivals.rows import Limits, Row
from kfi_allocation.domain.checking import DocumentNotReadable


@dataclass(frozen=True, slots=True)
class PackagedMapping:
    """A mapping with the document it was made of, which is frozen with each list that is read by it."""

    mapping: ArrivalMapping
    document: Mapping[str, Any]


def rows_of(
    file: BinaryIO,
    kind: FileKind,
    mapping: ArrivalMapping,
    *,
    encoding: Encoding,
    separator: Separator,
    limits: Limits,
) -> Iterator[Row]:
    """The rows of a list in their order. Raises FileNotReadable where reading ends before the list does."""
    if kind is FileKind.CSV:
        return rows_of_csv(file, mapping, encoding=encoding, separator=separator, limits=limits)
    if kind is FileKind.XLSX:
        from kfi_allocation.arrival_files.workbook import rows_of_workbook  # noqa: PLC0415 - half a second at each start

        return rows_of_workbook(file, mapping, limits=limits)
    return rows_of_json(file, mapping, limits=limits)


def mappings_in(folder: Path | None) -> Mapping[str, PackagedMapping]:
    """The mappings of a folder (TOML or JSON), without one the packaged examples, by name.

    Raises DocumentNotReadable, with the file's name, for one that is not right and for two of one name.
    """
    root = files("kfi_allocation.arrival_files") / "mappings" if folder is None else folder
    found: dict[str, PackagedMapping] = {}
    for file in sorted(root.iterdir(), key=lambda each: each.name):
        if file.name.endswith((".toml", ".json")):
            read = _mapping(file.name, file.read_text(encoding="utf-8"))
            if read.mapping.name in found:
                raise DocumentNotReadable([f"{file.name}: another file has a mapping of this name"])
            found[read.mapping.name] = read
    return found


def _mapping(name: str, text: str) -> PackagedMapping:
    try:
        document = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
        return PackagedMapping(mapping_from(document), document)
    except ValueError:
        raise DocumentNotReadable([f"{name}: is no TOML or JSON"]) from None
    except DocumentNotReadable as error:
        raise DocumentNotReadable([f"{name}: {problem}" for problem in error.problems]) from None
