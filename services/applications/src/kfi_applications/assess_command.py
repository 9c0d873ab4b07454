"""``kfi-applications assess CASE.json``: one case with its result, amounts and trace; no service is needed."""

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kfi_applications.case_file import CaseFile
from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.case import Case
from kfi_applications.domain.errors import RuleBroken
from kfi_applications.domain.programmes.catalogue import Catalogue, demonstration_calls, packaged_programmes
from kfi_applications.domain.programmes.programme import Settlement
from kfi_chassis.declaration import Command
from kfi_law.errors import LawError
from kfi_law.traces import Step

SCHEMA_HELP = "print the JSON schema of a case and end"
FAILED = 1
NOT_READABLE = 2


class CaseNotReadable(Exception):
    """The file holds no case; each line names field, reason and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("case", nargs="?", type=Path, help="a JSON file with one case")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--schema", action="store_true", help=SCHEMA_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Assess the case; 0 when it could be assessed, 1 when a rule stops before that, 2 when it is no case."""
    if arguments.schema:
        _say(json.dumps(schema(), ensure_ascii=False, indent=2))
        return 0
    try:
        document = answer_to(read_case(arguments.case))
    except CaseNotReadable as error:
        return _fail(str(error), NOT_READABLE)
    except RuleBroken as error:
        return _fail(f"{(error.field or 'case').replace('/', '.')}: {error.detail} {error.fix}", FAILED)
    except LawError as error:
        return _fail(f"assessed_on: {error}", FAILED)
    _say(json.dumps(document, ensure_ascii=False, indent=2) if arguments.json else as_text(document))
    return 0


def schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of a case file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **CaseFile.model_json_schema()}


def read_case(path: Path | None) -> CaseFile:
    """The case in a file. Raises CaseNotReadable, one line per field, never with the value that was read."""
    if path is None:
        raise CaseNotReadable("CASE.json: no file was named. Name a file, or ask for --schema.")
    try:
        return CaseFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CaseNotReadable(f"{path}: {error.strerror}. Name a file that can be read.") from error
    except ValidationError as error:
        raise CaseNotReadable("\n".join(map(_sentence, error.errors(include_input=False)))) from None


def _sentence(error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "the file"
    return f"{field}: {error['msg']}. Correct the field; --schema shows what it takes."


def answer_to(file: CaseFile) -> dict[str, Any]:
    """The assessment of a case by the rules of its programme, and its end where the actual figures are known.

    Raises RuleBroken and LawError.
    """
    catalogue = Catalogue(packaged_programmes(), demonstration_calls())
    case = file.stated(catalogue)
    programme = catalogue.programme(case.call.programme)
    assessment = programme.assess(case)
    actual = file.settlement
    ended = None if actual is None else programme.settle(case, assessment, actual.stated())
    return as_document(case, assessment, ended)


def as_document(case: Case, assessment: Assessment, settlement: Settlement | None) -> dict[str, Any]:
    """The answer as JSON: result, findings, amounts in EUR as text, and every step of the trace."""
    figures = dict(assessment.figures)
    steps = list(assessment.trace)
    if settlement is not None:
        figures |= {"final_grant": settlement.final_grant, "repayment": settlement.repayment}
        steps += [step for step in settlement.repayment.steps if step not in steps]
    return {
        "result": assessment.result,
        "rule_version": assessment.version,
        "financing": assessment.financing,
        "call": case.call.key,
        "grant": f"{assessment.grant:.2f}",
        "findings": [asdict(finding) for finding in assessment.findings],
        "amounts": {name: f"{figure.value:.2f}" for name, figure in figures.items()},
        "trace": [_step(step) for step in steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {field.name: getattr(step, field.name) for field in fields(step)}


def as_text(document: dict[str, Any]) -> str:
    """The answer for people: the result, what stands against it, the amounts, and how each came about."""
    lines = [f"Result: {document['result']} (grant {document['grant']} EUR, {document['rule_version']})", ""]
    for finding in document["findings"]:
        lines += [f"{finding['rule']} {finding['name']}: {finding['consequence']}", f"    {finding['reason']}"]
    lines += ["", "Amounts in EUR"]
    lines += [f"    {name.replace('_', ' '):<24}{amount:>14}" for name, amount in document["amounts"].items()]
    lines += ["", "Trace", *(_as_line(step) for step in document["trace"])]
    return "\n".join(lines)


def _as_line(step: dict[str, Any]) -> str:
    inputs = ", ".join(f"{name} {value}" for name, value in step["inputs"].items())
    return f"    {step['rule']} = {step['result']}  from {inputs}\n        {step['paragraph']}; {step['version']}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _fail(message: str, status: int) -> int:
    sys.stderr.write(message + "\n")
    return status


COMMAND = Command("assess one case and show every step; needs no service", add_arguments, run)
"""The command as the service's program offers it."""
