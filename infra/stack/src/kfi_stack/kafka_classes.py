"""An archive of the classes Kafka loads, which lets it start in a third of the time (JEP 310, class data sharing).

What it loads is in the committed list `locks/kafka.classes.gz`; the archive is made from it once per cache. A Java that
finds that it does not fit ignores it and starts slowly, so a stale one can do no harm.
"""

import gzip
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from kfi_stack.parts import Say, alone_in, java, told_in_one_sentence

CLASS_LIST = Path(__file__).parent / "locks" / "kafka.classes.gz"
SMALL_JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of Java that must be the same when the archive is made and when it is used."""
TIMEOUT_SECONDS = 120


def fast_start(jars: list[Path], *, say: Say) -> tuple[str, ...]:
    """Returns the options that let Java use the archive for these jars, after making it if it is not there yet.

    Returns none if it cannot be made: then Kafka only starts more slowly. Raises StackError if the disk is full.
    """
    folder = jars[0].parent
    archive = folder / f"classes-{fingerprint(jars)}.jsa"
    if not archive.exists():
        with told_in_one_sentence(folder), alone_in(folder):
            if not archive.exists():
                say("Preparing Kafka for quick starts (once) ...")
                make_archive(archive, jars)
    return (f"-XX:SharedArchiveFile={archive}", "-Xlog:disable", "-Xlog:all=error:stderr") if archive.exists() else ()


def fingerprint(jars: list[Path]) -> str:
    """Differs as soon as the archive would not fit: another Java, another class list, jars changed or elsewhere."""
    facts: list[object] = [java(), java().stat().st_mtime_ns, CLASS_LIST.read_bytes()]
    facts += [(str(jar), jar.stat().st_mtime_ns) for jar in jars]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def make_archive(archive: Path, jars: list[Path]) -> None:
    """Makes the archive and removes its predecessors; leaves nothing if Java cannot."""
    for old in archive.parent.glob("classes-*"):
        old.unlink()
    draft = archive.with_suffix(".new")
    with tempfile.NamedTemporaryFile(suffix=".classes") as classes:
        classes.write(gzip.decompress(CLASS_LIST.read_bytes()))
        classes.flush()
        command = (
            str(java()), *SMALL_JAVA, "-Xshare:dump", f"-XX:SharedClassListFile={classes.name}",
            f"-XX:SharedArchiveFile={draft}", "-Xlog:disable", "-cp", os.pathsep.join(map(str, jars)),
        )  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    if done.returncode == 0:
        draft.rename(archive)
    else:
        draft.unlink(missing_ok=True)


def write_class_list(run_with: Callable[[tuple[str, ...]], None]) -> int:
    """Writes the committed list anew from one run of Kafka with the options given; returns how many lines it has."""
    with tempfile.TemporaryDirectory(prefix="kfi-classes-") as folder:
        classes = Path(folder) / "kafka.classes"
        run_with((f"-XX:DumpLoadedClassList={classes}",))
        content = classes.read_bytes()
    CLASS_LIST.write_bytes(gzip.compress(content, mtime=0))
    return content.count(b"\n")
