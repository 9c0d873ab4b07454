"""The package is what a town's developer can install alone: pydantic, nothing else, and a README that runs."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfi_contracts.schemas import CONTRACTS_FOLDER

ALLOWED = sys.stdlib_module_names | {"pydantic", "pydantic_core", "kfi_contracts"}
SOURCES = sorted((CONTRACTS_FOLDER / "src" / "kfi_contracts").rglob("*.py"))


def foreign_imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        yield from (name for name in names if name.partition(".")[0] not in ALLOWED)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_contracts_import_pydantic_and_the_standard_library_only(path: Path) -> None:
    assert list(foreign_imports(path.read_text())) == []


@pytest.mark.parametrize(
    "planted", ["import yaml", "from kfi_chassis import work", "def f():\n    import faststream.kafka"]
)
def test_a_foreign_import_is_found(planted: str) -> None:
    assert len(list(foreign_imports(planted))) == 1


def test_sources_are_found_at_all() -> None:
    assert len(SOURCES) > 10


def test_pydantic_is_the_only_dependency() -> None:
    project = tomllib.loads((CONTRACTS_FOLDER / "pyproject.toml").read_text())["project"]
    assert [re.split(r"[<>=~!\[ ]", each)[0] for each in project["dependencies"]] == ["pydantic"]


def test_the_examples_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONTRACTS_FOLDER)
    blocks = re.findall(r"```python\n(.*?)```", (CONTRACTS_FOLDER / "README.md").read_text(), re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102 - the README's own example
