"""The process of one contestant: runs `module:function` on the course of its input, prints the figures."""

import asyncio
import importlib
import json
import os
import sys

import uvloop

from benchmarks.delivery_course import Course
from kfi_chassis.commands import spare_the_collector


def main(where: str) -> int:
    """Run it as services run: on uvloop, the collector spared. Ends with EX_UNAVAILABLE when its library is missing."""
    module, function = where.split(":")
    course = Course(**json.load(sys.stdin))
    try:
        contest = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        return os.EX_UNAVAILABLE
    spare_the_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(contest(course))
    print(json.dumps(figures.as_json()))
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
