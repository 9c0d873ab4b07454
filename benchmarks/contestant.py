"""The process of one contestant: runs `module:function` on the course of its input, prints the figures."""

import asyncio
import importlib
import json
import os
import sys

import uvloop

from benchmarks.delivery_course import Course


def main(where: str) -> int:
    """Run it as the services run, on uvloop. Ends with EX_UNAVAILABLE when a library of the contestant is missing."""
    module, function = where.split(":")
    course = Course(**json.load(sys.stdin))
    try:
        contest = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        return os.EX_UNAVAILABLE
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(contest(course))
    print(json.dumps(figures.as_json()))
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
