"""Documents say what is there: links, files, tests, variables, metrics, commands; each check also against a breach."""

import re
from collections.abc import Callable
from posixpath import dirname, join, normpath

import pytest

from . import naming, reading

VARIABLE = re.compile(r"\bKFI_[A-Z][A-Z0-9_]*\b")
MEASURED = re.compile(r"\b(?:http|outbox|consumer|dead_letter|worker|event|deadline|audit|letters)_[a-z_]+\b")
OF_HISTOGRAMS = re.compile(r"_(bucket|sum|count)$")


def links_that_lead_nowhere(name: str, text: str) -> list[str]:
    targets = {link: normpath(join(dirname(name), link.partition("#")[0])) for link in reading.links(text)}
    return [link for link, target in targets.items() if target not in reading.files_of_a_clone()]


def files_that_are_not_there(_: str, text: str) -> list[str]:
    return [file for file in reading.named_files(text) if not reading.is_there(file)]


def proofs_that_are_not_there(_: str, text: str) -> list[str]:
    return [
        f"{file}::{test}"
        for file, test in reading.named_tests(text)
        if not reading.is_there(file) or f"def {test}(" not in (reading.ROOT / file).read_text("utf-8")
    ]


def variables_nobody_reads(_: str, text: str) -> list[str]:
    return [name for name in VARIABLE.findall(text) if name not in naming.variables()]


def metrics_nobody_keeps(_: str, text: str) -> list[str]:
    code = [*reading.spans(text), *(content for _, content in reading.fences(text))]
    named = {word for part in code for word in MEASURED.findall(part)}
    known = naming.metrics() | naming.log_events()
    return sorted(word for word in named if word not in known and OF_HISTOGRAMS.sub("", word) not in known)


def commands_nobody_understands(_: str, text: str) -> list[str]:
    shown = [words for words in reading.shown_commands(text) if not naming.is_accepted(words)]
    inline = [words for words in map(reading.command_words, reading.spans(text)) if words]
    return [" ".join(words) for words in (*shown, *(words for words in inline if not naming.is_offered(words)))]


Check = Callable[[str, str], list[str]]
CHECKS: dict[str, tuple[Check, list[str]]] = {
    "links lead somewhere": (links_that_lead_nowhere, ["[the desk](desk.md)", "[two\nlines](../nowhere/)"]),
    "files are there": (
        files_that_are_not_there,
        ["`libs/chassis/src/kfi_chassis/nowhere.py`", "`kfi_chassis/nowhere.py`", "`services/*/nowhere`",
         "```sh\nkfi-applications assess services/applications/examples/nowhere.json\n```"],
    ),
    "tests are there": (
        proofs_that_are_not_there,
        ["`libs/chassis/tests/delivery/test_guard.py::test_nothing`", "`libs/chassis/nowhere.py::test_nothing`"],
    ),
    "variables are read": (variables_nobody_reads, ["set `KFI_NOTHING`", "```text\nKFI_KAFKA_PASSWORD_NOBODY=x\n```"]),
    "metrics are kept": (metrics_nobody_keeps, ["`outbox_nothing`", "```promql\nconsumer_nothing_total > 0\n```"]),
    "commands are understood": (
        commands_nobody_understands,
        ["`kfi dead-letters forget`", "`kfi dead-letters list|forget`", "```sh\nkfi-law period --canal letter\n```",
         "```console\n$ kfi-stack demo --twice\n```", "`kfi-applications assess --quietly`", "`make nothing`",
         "```sh\nKFI_PROFILE=demo .venv/bin/kfi-notifications nothing\n```", "```sh\nmake demo nothing\n```"],
    ),
}  # fmt: skip
PLANTED = [(name, breach) for name, (_, breaches) in CHECKS.items() for breach in breaches]


@pytest.mark.parametrize("name", CHECKS)
def test_in_every_document(name: str) -> None:
    check, _ = CHECKS[name]
    faults = {document: check(document, text) for document, text in reading.documents().items()}
    assert {document: found for document, found in faults.items() if found} == {}


@pytest.mark.parametrize(("name", "breach"), PLANTED)
def test_a_planted_breach_is_seen(name: str, breach: str) -> None:
    check, _ = CHECKS[name]
    assert len(check("docs/planted.md", f"# Planted\n\n{breach}\n")) == 1


def test_the_documents_are_found() -> None:
    found = reading.documents()
    assert {"README.md", "docs/glossary.md", "docs/operations/settings.md"} <= set(found)
    assert len(list(reading.shown_commands(found["README.md"]))) > 5
    assert len(reading.named_tests(found["docs/how-a-decision-travels.md"])) > 5
