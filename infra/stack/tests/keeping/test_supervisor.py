"""What the supervisor promises about the programs it starts, tried with small real ones."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kfi_stack.errors import StackError
from kfi_stack.keeper import children_of
from kfi_stack.program import Program
from kfi_stack.supervisor import ProgramEnded, Supervisor

STUBBORN = "trap '' TERM; echo ready > {folder}/{name}; while :; do sleep 0.05; done"
POLITE = "trap 'echo {name} >> {folder}/stops; exit 0' TERM; echo ready > {folder}/{name}; while :; do sleep 0.05; done"
WITH_GRANDCHILD = "setsid sleep 987 & echo $! > {folder}/draft; mv {folder}/draft {folder}/{name}; wait"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as one:
        yield one


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., Program]:
    """A shell script as a program; it is ready once it has written a file of its name."""

    def program(script: str, name: str = "probe", **changes: object) -> Program:
        facts = {
            "name": name,
            "argv": ("sh", "-c", script.format(folder=tmp_path, name=name)),
            "log_file": tmp_path / f"{name}.log",
            "ready": (tmp_path / name).exists,
        }
        return Program(**(facts | changes))  # type: ignore[arg-type]

    return program


def runs(pid: int) -> bool:
    """True if there is such a process and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int) -> bool:
    """True once no such process runs, waiting up to five seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not runs(pid):
            return True
        time.sleep(0.02)
    return False


def test_programs_stop_in_the_reverse_order_of_their_start(
    supervisor: Supervisor, shell: Callable[..., Program], tmp_path: Path
) -> None:
    for name in ("database", "broker", "service"):
        supervisor.start(shell(POLITE, name))
    supervisor.stop()
    assert (tmp_path / "stops").read_text().split() == ["service", "broker", "database"]


def test_a_stopped_program_leaves_no_grandchild(
    supervisor: Supervisor, shell: Callable[..., Program], tmp_path: Path
) -> None:
    running = supervisor.start(shell(WITH_GRANDCHILD))
    grandchild = int((tmp_path / "probe").read_text())
    assert runs(grandchild)
    supervisor.stop()
    assert gone(running.pid)
    assert gone(grandchild)


def test_a_killed_program_leaves_no_grandchild(
    supervisor: Supervisor, shell: Callable[..., Program], tmp_path: Path
) -> None:
    running = supervisor.start(shell(WITH_GRANDCHILD))
    running.kill()
    assert gone(int((tmp_path / "probe").read_text()))


def test_a_program_that_ends_in_the_moment_it_is_killed_is_as_good_as_killed(
    supervisor: Supervisor, shell: Callable[..., Program]
) -> None:
    running = supervisor.start(shell(POLITE))
    ended = subprocess.Popen(["true"])
    ended.wait()
    running.ask_to_stop()
    replace(running, pid=ended.pid).kill()
    assert not running.alive


def test_a_program_that_will_not_stop_is_killed(supervisor: Supervisor, shell: Callable[..., Program]) -> None:
    running = supervisor.start(shell(STUBBORN, stop_within=0.3))
    began = time.monotonic()
    supervisor.stop()
    assert gone(running.pid)
    assert time.monotonic() - began < 3


def test_an_early_death_is_told_with_the_last_words(supervisor: Supervisor, shell: Callable[..., Program]) -> None:
    with pytest.raises(ProgramEnded) as told:
        supervisor.start(shell("echo one; echo no room for two >&2; exit 3", ready=lambda: False))
    assert "exit code 3" in str(told.value)
    assert "no room for two" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_program_that_is_not_there_is_told(supervisor: Supervisor, shell: Callable[..., Program]) -> None:
    with pytest.raises(ProgramEnded, match="cannot start /nowhere/to/be/found"):
        supervisor.start(shell("", argv=("/nowhere/to/be/found",), ready=lambda: False))


def test_a_port_in_use_is_told_before_the_start(
    supervisor: Supervisor, shell: Callable[..., Program], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=rf"Port {port} for probe is in use: end the program that listens there"):
            supervisor.start(shell(POLITE, ports=(port,)))
    assert not (tmp_path / "probe").exists()


def test_a_program_that_never_serves_is_told_and_ended(supervisor: Supervisor, shell: Callable[..., Program]) -> None:
    others = set(children_of(os.getpid()))
    started: list[int] = []

    def never() -> bool:
        keepers = set(children_of(os.getpid())) - others
        started.extend(program for keeper in keepers for program in children_of(keeper))
        return False

    with pytest.raises(StackError, match=r"not ready within 0 s and said last: still warming up"):
        supervisor.start(shell("echo still warming up; sleep 986", ready=never, ready_within=0.4))
    assert started
    assert all(gone(pid) for pid in started)


def test_a_death_nobody_asked_for_is_noticed(supervisor: Supervisor, shell: Callable[..., Program]) -> None:
    running = supervisor.start(shell(POLITE))
    supervisor.check()
    running.kill()
    with pytest.raises(ProgramEnded, match="probe ended with exit code 137"):
        supervisor.check()
    supervisor.forget(running)
    supervisor.check()


def test_the_end_of_the_starting_thread_ends_no_program(supervisor: Supervisor, shell: Callable[..., Program]) -> None:
    thread = threading.Thread(target=lambda: supervisor.start(shell(POLITE)))
    thread.start()
    thread.join()
    with pytest.raises(TimeoutError):
        outlived_half_a_second(supervisor)
    supervisor.check()


def outlived_half_a_second(supervisor: Supervisor) -> None:
    """Raises TimeoutError if every program of the supervisor outlives half a second."""
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        supervisor.check()
        time.sleep(0.02)
    raise TimeoutError


def test_a_program_sees_no_other_programs_settings(
    supervisor: Supervisor, shell: Callable[..., Program], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFI_DATABASE_URL", "another one's")
    script = "echo ${{KFI_DATABASE_URL:-none}} $KFI_OWN > {folder}/draft; mv {folder}/draft {folder}/{name}; sleep 985"
    supervisor.start(shell(script, env={"KFI_OWN": "own"}))
    assert (tmp_path / "probe").read_text().split() == ["none", "own"]


LAUNCHER = """
import sys, time
from pathlib import Path
from kfi_stack.program import Program
from kfi_stack.supervisor import Supervisor
folder = Path(sys.argv[1])
program = Program("probe", ("sh", "-c", sys.argv[2]), folder / "log", (folder / "probe").exists)
with Supervisor() as supervisor:
    running = supervisor.start(program)
    print(running.pid, running.keeper.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A launcher of its own, and the pids of its keeper, its program and that one's grandchild."""
    script = WITH_GRANDCHILD.format(folder=tmp_path, name="probe")
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path), script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        pids = [int(word) for word in launcher.stdout.readline().split()]
        yield launcher, [*pids, int((tmp_path / "probe").read_text())]
        launcher.kill()


def test_a_launcher_killed_with_9_leaves_no_process(launched: tuple[subprocess.Popen[str], list[int]]) -> None:
    launcher, pids = launched
    assert all(runs(pid) for pid in pids)
    launcher.kill()
    assert all(gone(pid) for pid in pids)


def test_a_keeper_killed_with_9_takes_its_program_along(launched: tuple[subprocess.Popen[str], list[int]]) -> None:
    _, (program, keeper, grandchild) = launched
    os.kill(keeper, signal.SIGKILL)
    assert gone(program)
    os.kill(grandchild, signal.SIGKILL)
