"""The letters are PDF/A-2a and PDF/UA-1 by the judgement of the reference validator, veraPDF."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import typst

from kfi_contracts.letters import GrantDecisionFacts, GrantRejectionFacts, LetterContent
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_notifications.typesetting import Document
from kfi_stack.parts import classpath, java

pytestmark = pytest.mark.servers
FLAVOURS = ["2a", "ua1"]
Render = Callable[..., Awaitable[Document]]


async def judged(flavour: str, files: list[Path]) -> list[str]:
    """The validator's verdicts, PASS or FAIL, in the order of the files."""
    command: list[str | Path] = [
        java(),
        "-cp",
        classpath("verapdf"),
        "org.verapdf.apps.GreenfieldCliWrapper",
        "--format",
        "text",
    ]
    command += ["-f", flavour, *files]
    done = await asyncio.to_thread(lambda: subprocess.run(command, capture_output=True, text=True, check=False))
    lines = done.stdout.splitlines()
    assert len(lines) == len(files), done.stdout + done.stderr
    return [line.split()[0] for line in lines]


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_every_letter_is_archivable_and_accessible(
    flavour: str,
    grant_facts: GrantDecisionFacts,
    grant_in_full_facts: GrantDecisionFacts,
    rejection_facts: GrantRejectionFacts,
    receipt_facts: ReceiptAcknowledgementFacts,
    information_facts: InformationRequestFacts,
    correction_facts: GrantCorrectionFacts,
    content_of: Callable[..., LetterContent],
    example_of: Callable[..., LetterContent],
    render: Render,
    tmp_path: Path,
) -> None:
    many = rejection_facts.model_copy(update={"reasons": tuple(f"Grund {number}: Ž ş ẞ" for number in range(60))})
    plain = grant_facts.model_copy(update={"conditions": (), "decided_by_name": None})
    letters = [(await render(content_of(facts))).content for facts in (grant_facts, rejection_facts, many, plain)]
    of_version_2 = [await render(content_of(facts, template_version=2)) for facts in (grant_facts, grant_in_full_facts)]
    letters += [document.content for document in of_version_2]
    kinds = (receipt_facts, information_facts, correction_facts, grant_facts)
    letters += [(await render(content_of(facts))).content for facts in kinds[:3]]
    letters += [(await render(content_of(facts), draft=True)).content for facts in kinds]
    languages = ("en", "uk", "ar", "tr", "ru")
    letters += [(await render(content_of(correction_facts, summary=language))).content for language in languages]
    letters.append((await render(content_of(grant_facts, summary="ar"), draft=True)).content)
    about_towns = ("allocation-hearing", "allocation-decision", "allocation-decision-unheard", "placement-agreement")
    letters += [(await render(example_of(name))).content for name in about_towns]
    letters += [(await render(example_of(name, summary="ar"), draft=True)).content for name in about_towns]
    files = [tmp_path / f"{number}.pdf" for number in range(len(letters) + 1)]
    for file, content in zip(files, [*letters, neither(tmp_path)], strict=True):
        file.write_bytes(content)
    assert await judged(flavour, files) == ["PASS"] * len(letters) + ["FAIL"]


def neither(folder: Path) -> bytes:
    """A PDF that is not archivable and not accessible, by which the validator is seen to look."""
    source = folder / "plain.typ"
    source.write_text("= A letter")
    return bytes(typst.compile(source))
