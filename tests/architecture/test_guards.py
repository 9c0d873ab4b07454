"""The guards of the code hold, and each of them was seen to fail.

A guard that passes proves nothing until it has failed once (two admired projects had one that never
could). So each test here plants one violation in a copy of the sources and expects the guard to name it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PACKAGES = {
    "kfi_contracts": "contracts",
    "kfi_law": "libs/law",
    "kfi_chassis": "libs/chassis",
    "kfi_allocation": "services/allocation",
    "kfi_applications": "services/applications",
    "kfi_notifications": "services/notifications",
    "kfi_stack": "infra/stack",
}
PLANTED_IMPORTS = [
    ("kfi_applications", "import kfi_notifications", "Services never import one another"),
    ("kfi_contracts", "import kfi_chassis", "Arrows point one way"),
    ("kfi_chassis", "import kfi_applications", "Arrows point one way"),
    ("kfi_applications", "import kfi_stack", "Nothing but the stack's own programs imports the stack"),
    ("kfi_applications/domain", "import sqlalchemy", "Domain code knows no framework"),
    ("kfi_notifications/domain", "import kfi_chassis", "Domain code knows no framework"),
    ("kfi_allocation", "import kfi_applications", "Services never import one another"),
    ("kfi_allocation/domain", "import numpy", "Places, costs, accounts and certificates need no arrays"),
    ("kfi_allocation/certificate", "import numpy", "Places, costs, accounts and certificates need no arrays"),
    ("kfi_allocation/proof", "import highspy", "A plan is checked without a solver"),
    ("kfi_allocation/commands", "import sqlalchemy", "What works from files loads nothing of the service"),
    ("kfi_law", "import pydantic", "The law is pure"),
    ("kfi_contracts", "import sqlalchemy", "The contracts need pydantic alone"),
]


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def import_rules_in(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(BIN / "lint-imports", "--no-cache", cwd=folder, PYTHONPATH=str(folder))


@pytest.fixture
def copied_sources(tmp_path: Path) -> Path:
    for package, member in PACKAGES.items():
        shutil.copytree(
            ROOT / member / "src" / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_rules_hold() -> None:
    result = import_rules_in(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("room", "statement", "rule"), PLANTED_IMPORTS)
def test_a_planted_import_breaks_its_rule(copied_sources: Path, room: str, statement: str, rule: str) -> None:
    (copied_sources / room / "planted.py").write_text(statement + "\n")
    result = import_rules_in(copied_sources)
    assert result.returncode == 1, result.stdout
    broken = [line for line in result.stdout.splitlines() if line.startswith(rule) and line.endswith("BROKEN")]
    assert broken, result.stdout


def test_ruff_sees_a_planted_fault() -> None:
    result = subprocess.run(
        [
            BIN / "ruff",
            "check",
            "--config",
            ROOT / "pyproject.toml",
            "--stdin-filename",
            "libs/law/src/kfi_law/planted.py",
            "-",
        ],
        input="import os\ndef f(x=[]):\n    print(x)\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert {"F401", "B006", "T201", "D103"} <= {word for word in result.stdout.split() if word[-1].isdigit()}


def test_mypy_refuses_an_untyped_function(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("def untyped(x):\n    return x\n")
    result = run(BIN / "mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", tmp_path / "cache", planted)
    assert "no-untyped-def" in result.stdout


def test_deptry_sees_an_undeclared_import(tmp_path: Path) -> None:
    member = tmp_path / "law"
    shutil.copytree(ROOT / "libs/law", member, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (member / "src/kfi_law/planted.py").write_text("import sqlalchemy\n")
    result = run(BIN / "deptry", "src", cwd=member)
    assert "DEP001" in result.stderr + result.stdout or "DEP003" in result.stderr + result.stdout
