"""Letters beside WeasyPrint: `python -m benchmarks.letters`

The same letter, two pages, in the same fonts; every one with a file number of its own, so that nothing is remembered
whole. Each contestant works in a process of its own; the rounds alternate and a figure is the median of its rounds.
What each makes is judged by the reference validator, veraPDF, as PDF/A-2a and as PDF/UA-1.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import cache
from pathlib import Path
from typing import Any, Final

from kfi_chassis.settings import Profile
from kfi_contracts.addressees import Addressee
from kfi_contracts.letters import GrantDecisionFacts, LetterContent
from kfi_notifications.configuration import DEMO, read_courts, read_letterhead
from kfi_notifications.domain.letter import compose
from kfi_notifications.typesetting import template_files, typeset_now
from kfi_stack.parts import classpath, java

SAMPLES: Final = Path("services/notifications/tests/samples")
RESULTS: Final = Path(".benchmarks")
DAY: Final = date(2026, 11, 23)
WARM_UP: Final = 5
FLAVOURS: Final = ("2a", "ua1")
Write = Callable[[int], bytes]


@dataclass(frozen=True)
class Round:
    """One contestant's round: letters a second, processor milliseconds a letter, peak memory, bytes of a letter."""

    letters_a_second: float
    processor_ms: float
    peak_mb: float
    size: int


@cache
def _sources() -> tuple[Any, ...]:
    addressee = Addressee.model_validate_json((SAMPLES / "addressee.json").read_bytes())
    facts = GrantDecisionFacts.model_validate_json((SAMPLES / "grant.json").read_bytes())
    letterhead = read_letterhead(DEMO / "letterhead.toml", Profile.DEMO)
    return addressee, facts, letterhead, read_courts(DEMO / "courts.toml", Profile.DEMO)


def letter(number: int) -> dict[str, Any]:
    """The letter of that number, as both contestants read it."""
    addressee, facts, letterhead, courts = _sources()
    content = LetterContent(
        template=facts.kind, template_version=1, language="de", addressee=addressee,
        reference=f"36-2026-{number:05d}", facts=facts,
    )  # fmt: skip
    return compose(content, letterhead=letterhead, courts=courts, dated_on=DAY)


def ours(number: int) -> bytes:
    """Typst, as the service uses it."""
    return typeset_now(
        template_files()["grant-decision", 1], letter(number), datetime.combine(DAY, clock(12, tzinfo=UTC))
    ).content


def weasyprint(number: int, variant: str) -> bytes:
    """WeasyPrint, its fonts and style read once."""
    from benchmarks.letters_html import page_of  # noqa: PLC0415 - the other contestant's process stays without it

    html, style, fonts = _weasyprint()
    pdf: bytes = html(string=page_of(letter(number))).write_pdf(
        stylesheets=[style], font_config=fonts, pdf_variant=variant, pdf_tags=True
    )
    return pdf


@cache
def _weasyprint() -> tuple[Any, ...]:
    from weasyprint import CSS, HTML  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    from benchmarks.letters_html import STYLE  # noqa: PLC0415

    fonts = FontConfiguration()
    return HTML, CSS(string=STYLE, font_config=fonts), fonts


CONTESTANTS: Final[dict[str, tuple[Write, int]]] = {
    "ours": (ours, 1),
    "ours, two threads": (ours, 2),
    "WeasyPrint, PDF/A-2a": (lambda number: weasyprint(number, "pdf/a-2a"), 1),
    "WeasyPrint, PDF/UA-1": (lambda number: weasyprint(number, "pdf/ua-1"), 1),
}
"""Who writes, in how many threads; WeasyPrint's laying out is Python, which a second thread does not help."""


def contest(name: str, count: int, sample: Path) -> Round:
    """Write the letters in this process and keep one of them."""
    write, threads = CONTESTANTS[name]
    for number in range(WARM_UP):
        sample.write_bytes(write(number))
    begun, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        sizes = [len(pdf) for pdf in pool.map(write, range(WARM_UP, WARM_UP + count))]
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Round(count / seconds, used / count * 1000, peak, round(statistics.fmean(sizes)))


def in_own_process(name: str, count: int, sample: Path) -> Round:
    """The same in a fresh process, so that memory is its own."""
    command = [sys.executable, "-m", "benchmarks.letters", "--contestant", name, "--letters", str(count), str(sample)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this very program
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-1000:]}")
    return Round(**json.loads(done.stdout))


def verdicts(flavour: str, files: list[Path]) -> list[str]:
    """PASS or FAIL by veraPDF, in the order of the files."""
    command = [
        str(java()), "-cp", classpath("verapdf"), "org.verapdf.apps.GreenfieldCliWrapper", "--format", "text",
        "-f", flavour, *map(str, files),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own Java
    return [line.split()[0] for line in done.stdout.splitlines()]


def present(folder: Path) -> list[str]:
    """The contestants that can work here: WeasyPrint needs itself and the library Pango."""
    found = []
    for name in CONTESTANTS:
        try:
            in_own_process(name, 1, folder / "trial.pdf")
        except RuntimeError as failure:
            print(f"Left out: {str(failure).strip().splitlines()[-1]}")
        else:
            found.append(name)
    return found


def compare(rounds: int, count: int, folder: Path) -> dict[str, dict[str, Any]]:
    """The median of each contestant's rounds, and what the validator says of a letter of each."""
    contestants = present(folder)
    files = {name: folder / f"{number}.pdf" for number, name in enumerate(contestants)}
    found: dict[str, list[Round]] = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        for name in contestants:
            found[name].append(in_own_process(name, count, files[name]))
            print(f"round {number} of {rounds}: {name:<22}{found[name][-1].letters_a_second:8.1f} letters/s")
    judged = {flavour: dict(zip(files, verdicts(flavour, list(files.values())), strict=True)) for flavour in FLAVOURS}
    return {
        name: {key: statistics.median(asdict(one)[key] for one in measured) for key in asdict(measured[0])}
        | {flavour: judged[flavour][name] for flavour in FLAVOURS}
        for name, measured in found.items()
    }


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.letters", description=__doc__)
    parser.add_argument("--letters", type=int, default=100, help="letters a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    parser.add_argument("sample", type=Path, nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        print(json.dumps(asdict(contest(options.contestant, options.letters, options.sample))))
        return
    with tempfile.TemporaryDirectory(prefix="kfi-letters-") as folder:
        table = compare(options.rounds, options.letters, Path(folder))
    print(
        f"\n{'contestant':<24}{'letters/s':>10}{'slower':>8}{'ms CPU':>8}{'peak MB':>9}{'bytes':>9}  PDF/A-2a  PDF/UA-1"
    )
    for name, figures in table.items():
        ratio = table["ours"]["letters_a_second"] / figures["letters_a_second"]
        print(
            f"{name:<24}{figures['letters_a_second']:>10.1f}{ratio:>7.1f}x{figures['processor_ms']:>8.1f}"
            f"{figures['peak_mb']:>9.0f}{figures['size']:>9.0f}  {figures['2a']:<8}  {figures['ua1']}"
        )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "letters.json").write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
