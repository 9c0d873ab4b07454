"""`kfi-stack`: the platform on one machine. `demo` starts it, plays the path and checks the outcome."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kfi_stack import kafka_command, parts_command
from kfi_stack.errors import StackError

HOME = Path(".demo")
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 done, 1 a promise is broken or one sentence says what is wrong."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return int(options.run(options))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kfi-stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="start the platform, play the path, check the outcome, stay up")
    demo.add_argument("--once", action="store_true", help="end after the checks with 0 or 1")
    demo.add_argument("--home", type=Path, default=HOME, help="where runs keep their folders (default: .demo)")
    demo.set_defaults(run=_demo)
    kafka_command.add_to(commands)
    parts_command.add_to(commands)
    return parser


def _demo(options: argparse.Namespace) -> int:
    from kfi_stack.demo.play import play  # noqa: PLC0415 - the look at the machine comes first
    from kfi_stack.preflight import require_machine  # noqa: PLC0415

    home = Path(os.path.abspath(options.home))  # noqa: PTH100 - links stay as they are
    require_machine(home)
    return play(home, once=options.once)


if __name__ == "__main__":
    sys.exit(main())
