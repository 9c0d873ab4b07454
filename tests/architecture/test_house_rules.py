"""House rules that can be checked are checked: over the tracked files, each rule also against a planted breach."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 300
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(\.py)?$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
REGISTRY_HOST = re.compile(
    r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|repo1?\.maven\.|docker\.io|deb\.debian\.org)"
)
SKIPPED_CHECK = re.compile(r"pytest\.mark\.(skip|xfail)\b(?!if)")


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    paths = (ROOT / name for name in listed if name.endswith(suffixes))
    return [path for path in paths if path.is_file() and path != Path(__file__)]  # this file names what it forbids


def lines_matching(pattern: re.Pattern[str]) -> Callable[[Path, str], bool]:
    return lambda _path, text: bool(pattern.search(text))


RULES: dict[str, tuple[tuple[str, ...], Callable[[Path, str], bool], str]] = {
    "no file is longer than 300 lines": ((".py",), lambda _path, text: text.count("\n") > LONGEST_FILE, "\n" * 301),
    "nothing is left unfinished": ((".py",), lines_matching(UNFINISHED), "# TODO later"),
    "no check is skipped for good": ((".py",), lines_matching(SKIPPED_CHECK), "@pytest.mark.skip"),
    "no registry host is named": (
        (".py", ".toml", ".lock", ".txt", ".md", ".json", ".yaml", ".j2", "Makefile"),
        lines_matching(REGISTRY_HOST),
        "https://pypi.org/simple",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_keeps_the_rule(rule: str) -> None:
    suffixes, breaks, _ = RULES[rule]
    guilty = [str(path.relative_to(ROOT)) for path in tracked(*suffixes) if breaks(path, path.read_text("utf-8"))]
    assert guilty == [], rule


@pytest.mark.parametrize("rule", RULES)
def test_a_planted_breach_is_seen(rule: str) -> None:
    _, breaks, breach = RULES[rule]
    assert breaks(ROOT / "planted.py", breach)


def test_no_module_hides_behind_an_empty_name() -> None:
    assert [path for path in tracked(".py") if FORBIDDEN_NAMES.search(path.stem)] == []
    assert FORBIDDEN_NAMES.search("date_utils")


def test_the_lock_of_the_resolver_stays_out_of_the_repository() -> None:
    assert [path for path in tracked("uv.lock") if path.name == "uv.lock"] == []
