import ast
import sys
from datetime import date
from pathlib import Path

import pytest

import kfi_law
from kfi_law.announcement import announcement_rules, weekend_policies
from kfi_law.courts import court_districts
from kfi_law.dated import DatedRow, DatedTable, Status
from kfi_law.packaged import register_rows, rule_rows
from kfi_law.remedies import remedy_rules

PACKAGE = Path(kfi_law.__file__).parent


def imported_modules(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_the_library_needs_nothing_beyond_the_standard_library() -> None:
    imported = {name for source in PACKAGE.rglob("*.py") for name in imported_modules(source)}
    assert imported <= sys.stdlib_module_names | {"kfi_law"}


def test_only_one_module_reads_files() -> None:
    readers = {
        s.name for s in PACKAGE.rglob("*.py") if imported_modules(s) & {"importlib", "pathlib", "os", "csv", "io"}
    }
    assert readers == {"packaged.py"}


@pytest.mark.parametrize("table", [announcement_rules, weekend_policies, remedy_rules, court_districts])
def test_every_packaged_row_has_paragraph_source_and_status(table: object) -> None:
    assert callable(table)
    made: DatedTable[DatedRow] = table()
    rows = [row for key in sorted(made.keys()) for row in made.rows(key)]
    assert rows
    assert all(row.paragraph and row.source and row.status is Status.IN_FORCE for row in rows)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("announcement.toml", "rule"),
        ("announcement.toml", "weekend_policy"),
        ("remedies.toml", "rule"),
        ("holidays.toml", "holiday"),
        ("courts.toml", "court"),
    ],
)
def test_the_status_is_written_in_the_file(name: str, table: str) -> None:
    assert all(row["status"] == "in_force" and isinstance(row["valid_from"], date) for row in rule_rows(name, table))


def test_register_values_are_text_so_that_keys_keep_their_zero() -> None:
    assert register_rows("municipalities.csv")[0]["ags"] == "05111000"
