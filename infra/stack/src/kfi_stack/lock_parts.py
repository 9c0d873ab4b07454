"""Writes a lock file of parts anew: Maven itself resolves the roots, what arrives is hashed.

For a maintainer who raises a version, with Maven installed. (jgo's own resolver would not do: for Kafka 4.3 it picks
kafka-clients 3.8 by way of a dependency's bill of materials, and it does not read veraPDF's version ranges.)
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from kfi_stack.errors import StackError

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>de.nrw.kfi</groupId><artifactId>parts</artifactId><version>1</version><dependencies>{}</dependencies></project>"""
DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


def write_lock(lock_file: Path) -> int:
    """Resolves the lock file's `roots` with Maven and writes its `parts` anew; returns how many there are."""
    roots = json.loads(lock_file.read_text())["roots"]
    with tempfile.TemporaryDirectory(prefix="kfi-lock-") as folder:
        parts = [part_of(jar, Path(folder)) for jar in resolved(roots, Path(folder))]
    parts.sort(key=lambda part: str(part["coordinate"]))
    lock_file.write_text(json.dumps({"roots": roots, "parts": parts}, indent=1) + "\n")
    return len(parts)


def resolved(roots: list[str], folder: Path) -> list[Path]:
    """Lets Maven copy the roots and all they need at run time; returns the jars, laid out as in a Maven repository."""
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError("Maven is not installed: install it (Debian: apt-get install maven) to lock parts anew.")
    dependencies = "".join(DEPENDENCY.format(*map(escape, root.split(":"))) for root in roots)
    (folder / "pom.xml").write_text(POM.format(dependencies))
    goal = ("dependency:copy-dependencies", "-DincludeScope=runtime", "-Dmdep.useRepositoryLayout=true")
    command = (maven, "-q", *goal, "-DoutputDirectory=jars")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        told = (done.stdout or done.stderr).strip().splitlines()[:1]
        raise StackError(f"Maven cannot resolve {', '.join(roots)} ({' '.join(told)}): correct the roots.")
    return sorted((folder / "jars").rglob("*.jar"))


def part_of(jar: Path, folder: Path) -> dict[str, str | int]:
    """The lock entry of a jar."""
    *group, artifact, version, _ = jar.relative_to(folder / "jars").parts
    content = jar.read_bytes()
    coordinate = f"{'.'.join(group)}:{artifact}:{version}"
    return {"coordinate": coordinate, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
