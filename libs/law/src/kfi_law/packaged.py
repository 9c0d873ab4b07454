"""The files of law and registers that come with the package; the only place of the library that reads anything."""

import csv
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

_PACKAGE = files("kfi_law")


def rule_file(name: str) -> Mapping[str, Any]:
    """A file of `rules/` (TOML), as parsed."""
    return tomllib.loads((_PACKAGE / "rules" / name).read_text(encoding="utf-8"))


def rule_rows(name: str, table: str) -> list[dict[str, Any]]:
    """The rows of one table of a rule file; where a row is mute, what the head of the file says of all rows holds."""
    file = rule_file(name)
    head = {key: file[key] for key in ("valid_from", "paragraph", "source", "status") if key in file}
    return [{**head, **row} for row in file[table]]


def register_rows(name: str) -> list[dict[str, str]]:
    """The rows of a file of `registers/` (CSV, UTF-8), every value as text: keys keep their leading zeros."""
    return list(csv.DictReader((_PACKAGE / "registers" / name).read_text(encoding="utf-8").splitlines(), strict=True))


def register_notice(name: str) -> Mapping[str, Any]:
    """A file of `registers/` that says where the rows come from (TOML), as parsed."""
    return tomllib.loads((_PACKAGE / "registers" / name).read_text(encoding="utf-8"))
