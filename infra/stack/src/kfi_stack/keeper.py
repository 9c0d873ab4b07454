"""Runs one program for the launcher and lets nothing of it outlive the launcher, however that one ends.

Started by the supervisor as `keeper.py LAUNCHER_PID STOP_SIGNAL STOP_WITHIN PID_FD -- COMMAND...`; imports nothing but
the standard library. It watches the launcher by its pidfd, which no kind of death can hide and no thread can end early
(PR_SET_PDEATHSIG fires when the *thread* that forked ends). It is the subreaper of everything the program starts
(prctl(2), PR_SET_CHILD_SUBREAPER), so orphaned grandchildren come to it and are killed too. Should the keeper itself be
killed, the kernel sends the program its stop signal (PR_SET_PDEATHSIG; the keeper has one thread only).
"""

import ctypes
import os
import select
import signal
import sys
import time
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOOK_AGAIN_MS = 200


def prctl(option: int, value: int) -> None:
    """Sets an attribute of this process."""
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main(argv: list[str]) -> int:
    """Runs the command to its end and returns its exit code, 128 + n for signal n as a shell does."""
    launcher, stop_signal, stop_within, pid_fd = int(argv[0]), int(argv[1]), float(argv[2]), int(argv[3])
    try:
        launcher_fd = os.pidfd_open(launcher)
    except ProcessLookupError:
        return 0
    if os.getppid() != launcher:
        return 0
    os.set_inheritable(pid_fd, False)  # noqa: FBT003 - the program must not hold the launcher's pipe open
    wake_up = wake_up_on_signals()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    program = start(argv[5:], stop_signal)
    os.write(pid_fd, str(program).encode())
    os.close(pid_fd)
    status = watch(program, launcher_fd, wake_up, stop_signal, stop_within)
    kill_what_is_left()
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


asked_to_stop = False


def note_signal(number: int, _frame: FrameType | None) -> None:
    """Remembers that the launcher wants the program stopped."""
    global asked_to_stop  # noqa: PLW0603 - a signal handler has no other way to tell
    asked_to_stop = asked_to_stop or number != signal.SIGCHLD


def wake_up_on_signals() -> int:
    """Returns a descriptor that becomes readable when a signal came."""
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, note_signal)
    return readable


def start(command: list[str], stop_signal: int) -> int:
    """Starts the program in its own process group; it gets the stop signal if this keeper dies."""
    keeper = os.getpid()
    program = os.fork()
    if program:
        return program
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)
        prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() == keeper:
            os.execvp(command[0], command)  # noqa: S606 - the command comes from the stack's own programs
    except OSError as problem:
        sys.stderr.write(f"cannot start {command[0]}: {problem.strerror}\n")
    finally:
        os._exit(127)


def watch(program: int, launcher_fd: int, wake_up: int, stop_signal: int, stop_within: float) -> int:
    """Returns the program's wait status once it has ended; stops it when asked to or when the launcher is gone."""
    poll = select.poll()
    poll.register(launcher_fd, select.POLLIN)
    poll.register(wake_up, select.POLLIN)
    kill_at: float | None = None
    while True:
        status = reap(program)
        if status is not None:
            return status
        ready = [fd for fd, _ in poll.poll(LOOK_AGAIN_MS)]
        if wake_up in ready:
            os.read(wake_up, 4096)
        if kill_at is None and (asked_to_stop or launcher_fd in ready):
            poll.unregister(launcher_fd)
            os.kill(program, stop_signal)
            kill_at = time.monotonic() + stop_within
        if kill_at is not None and time.monotonic() > kill_at:
            os.kill(program, signal.SIGKILL)


def reap(program: int) -> int | None:
    """Collects every ended child; returns the wait status of the program if it was among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == program:
            found = status


def kill_what_is_left() -> None:
    """Kills the program's descendants: as their parents die they become children of this subreaper."""
    while True:
        for pid in children_of(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def children_of(parent: int) -> list[int]:
    """Returns the pids whose parent is `parent`, read from proc(5)."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - pathlib would double the keeper's start time
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123
                after_name = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == parent:
            found.append(int(entry))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
