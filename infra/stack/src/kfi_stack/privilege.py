"""Runs a program under an unprivileged user when the stack itself is run by root, as PostgreSQL demands."""

import os
import signal
from pathlib import Path

NOBODY = 65_534
"""The user and group id every Linux system reserves for what owns nothing (nobody, nogroup)."""


def unprivileged(argv: tuple[str, ...], stop_signal: signal.Signals) -> tuple[str, ...]:
    """Returns the command that runs `argv` as nobody when we are root, else `argv` itself.

    Of root's rights only the one to reach files is kept (capabilities(7), CAP_DAC_OVERRIDE; `no_setuid_fixup` makes
    access(2) honour it), so a clone below a private home needs no change of permissions. setpriv(1) is part of
    util-linux; it sets the parent-death signal after the change of user, which clears it.
    """
    if os.geteuid() != 0:
        return argv
    rights = "-all,+dac_override"
    return (
        "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--securebits=+no_setuid_fixup",
        f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set={rights}",
        f"--pdeathsig={stop_signal.name.removeprefix('SIG')}", "--", *argv,
    )  # fmt: skip


def private_folder(folder: Path) -> Path:
    """Makes a folder only the unprivileged program can open, and returns it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o700)
    return folder
