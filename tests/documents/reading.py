"""Reads the project's documents: what they link to, which files, commands, variables and metrics they name."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*\s+")
COMMENT = re.compile(r"(^|\s)#\s.*$")
FILE = re.compile(r"[A-Za-z_*][\w*.-]*(/[\w*.-]+)+/?")
SUFFIXES = (".py", ".md", ".toml", ".yaml", ".json", ".j2", ".typ")


@cache
def files_of_a_clone() -> frozenset[str]:
    """Every file and folder a clone has: what git keeps, and what is new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    files = [Path(name) for name in listed if (ROOT / name).exists()]
    return frozenset(str(path) for file in files for path in (file, *file.parents))


@cache
def source_folders() -> tuple[str, ...]:
    return tuple(sorted(name for name in files_of_a_clone() if fnmatch(name, "*/src") or fnmatch(name, "*/*/src")))


def documents() -> dict[str, str]:
    """README and everything below docs/, by path."""
    names = (name for name in files_of_a_clone() if name == "README.md" or fnmatch(name, "docs/*.md"))
    return {name: (ROOT / name).read_text("utf-8") for name in sorted(names)}


def links(text: str) -> list[str]:
    return [target for target in LINK.findall(text) if "://" not in target and not target.startswith("#")]


def fences(text: str) -> list[tuple[str, str]]:
    """Fenced blocks as language and content."""
    return FENCE.findall(text)


def spans(text: str) -> list[str]:
    """Inline code, each on one line."""
    return [" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text))]


def shown_commands(text: str) -> Iterator[list[str]]:
    """Commands in fenced blocks as words: of a console what follows a prompt, else every line."""
    for language, content in fences(text):
        for line in content.splitlines():
            if language == "console" and not line.startswith("$ "):
                continue
            if language in {"sh", "bash", "console", "text"}:
                words = command_words(line.removeprefix("$ "))
                if words:
                    yield words


def command_words(line: str) -> list[str]:
    """The words of a command without assignments, comment and folder of the program; none for what is no command."""
    plain = COMMENT.sub("", ASSIGNMENT.sub("", line)).strip()
    try:
        words = shlex.split(plain)
    except ValueError:
        return []
    return [words[0].removeprefix(".venv/bin/"), *words[1:]] if words else []


def named_files(text: str) -> Iterator[str]:
    """What looks like a file or folder of this repository, in inline code and as a word of a shown command."""
    rooms = {name for name in files_of_a_clone() if "/" not in name}
    for span in spans(text):
        candidate = span.partition("::")[0]
        looks_like_one = FILE.fullmatch(candidate) and candidate.endswith(SUFFIXES)
        if looks_like_one or (FILE.fullmatch(candidate) and candidate.split("/")[0] in rooms):
            yield candidate
    for words in shown_commands(text):
        yield from (word for word in words[1:] if FILE.fullmatch(word) and word.split("/")[0] in rooms)


def is_there(name: str) -> bool:
    """Whether a clone has it, from the root or from a folder of sources; a star stands for any part of a name."""
    places = [name.rstrip("/"), *(f"{folder}/{name.rstrip('/')}" for folder in source_folders())]
    if "*" in name:
        return any(fnmatch(file, places[0]) for file in files_of_a_clone())
    return any(place in files_of_a_clone() for place in places)


def named_tests(text: str) -> list[tuple[str, str]]:
    """Tests named as `file::test`."""
    found = (span.partition("::") for span in spans(text) if "::" in span)
    return [(file, test) for file, _, test in found if FILE.fullmatch(file)]


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    below = text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def codes(cell: str) -> list[str]:
    """All inline code of a cell."""
    return SPAN.findall(cell)
