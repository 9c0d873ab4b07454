"""One program: commands that work from files load nothing of the service; all others are the service's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kfi_allocation.command import OFFLINE, main

OF_THE_SERVICE = ("kfi_chassis", "kfi_contracts", "sqlalchemy", "fastapi", "highspy", "numba")


def test_an_account_is_opened_without_chassis_database_or_solver(tmp_path: object) -> None:
    script = (
        "import sys; from kfi_allocation.command import main;"
        f"main(['account', 'open', '--as-of', '2026-11-23', '--out', r'{tmp_path}/account.json']);"
        f"print(sorted(set({OF_THE_SERVICE!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_help_of_the_program_has_both_kinds_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert {name for name in (*OFFLINE, "run", "migrate", "privacy", "openapi") if f"\n    {name}" not in told} == set()


def test_a_service_without_its_environment_says_what_it_needs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KFI_DATABASE_URL", raising=False)
    assert main(["run"]) == 2
    assert "KFI_DATABASE_URL" in capsys.readouterr().err


def test_the_doorkeeper_says_what_it_needs_and_loads_no_interface_for_requests(tmp_path: Path) -> None:
    script = (
        "import sys; from kfi_allocation.command import main;"
        f"print(main(['doorkeeper-key', r'{tmp_path}/keys.json', r'{tmp_path}/key.json']), main(['doorkeeper']));"
        "print('kfi_allocation.api' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KFI_")}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-2:] == ["0 2", "False"]
    assert "KFI_DOORKEEPER_KEYS_FILE" in done.stderr
    assert {one.name for one in tmp_path.iterdir()} == {"keys.json", "key.json"}
