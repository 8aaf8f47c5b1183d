"""Two PostgreSQL servers on this machine: one that is written to, and one that follows it and may take its place."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from backend import child
from backend.postgres_place import ENVIRONMENT, account, as_user, programs
from tests.ports import free_port
from tests.waiting import eventually

# A standby refuses to start with fewer connections than its primary. Processes die here, not machines: what was written
# is kept by the kernel.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "max_wal_senders": "8",
    "max_replication_slots": "8",
    "hot_standby": "on",
    "fsync": "off",
    "synchronous_commit": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_STANDBY = "second"
_SECONDS = 120


class Server:
    """One server with its folder and its port."""

    def __init__(self, folder: Path, name: str) -> None:
        self._cluster, self._log = folder / name, folder / f"{name}.log"
        self._name, self.port = name, str(free_port())
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def cluster(self) -> Path:
        """Its folder."""
        return self._cluster

    def url(self, database: str = "deskside") -> str:
        """Its address."""
        return f"postgresql://deskside@127.0.0.1:{self.port}/{database}"

    def rows(self, statement: str) -> list[Any]:
        """What it answers, in a transaction of its own."""
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=10) as connection:
            return connection.execute(statement.encode()).fetchall()

    def start(self) -> None:
        """Starts it and waits until it answers. Raises AssertionError with its last words when it does not."""
        settings = _SETTINGS | {"port": self.port, "cluster_name": self._name}
        command = [str(programs(account()) / "postgres"), "-D", str(self._cluster)]
        command += [f"--{name}={value}" for name, value in settings.items()]
        with self._log.open("ab") as log:
            self.process = child.spawn(
                command, env=ENVIRONMENT, cwd="/", output=log, user=account(), last_signal=signal.SIGINT
            )
        eventually(self._answers, seconds=_SECONDS, every=0.05, otherwise=lambda: self._log.read_text()[-2_000:])

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            return True
        return False

    def kill(self) -> None:
        """As if its machine had lost power: the server and all its processes at once."""
        assert self.process is not None
        for pid in (self.process.pid, *_children(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(_SECONDS)

    def stop(self) -> None:
        """Ends it in order, where it still runs."""
        if self.process is not None and self.process.poll() is None:
            child.end(self.process, (signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.name))
    return found


def _run(*command: str) -> None:
    done = as_user([str(programs(account()) / command[0]), *command[1:]], account())
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-2_000:]}"


class Pair:
    """The primary and its synchronous standby."""

    def __init__(self, folder: Path) -> None:
        self.first, self.second = Server(folder, "first"), Server(folder, _STANDBY)

    @property
    def url(self) -> str:
        """The address of whichever of the two may be written to."""
        hosts = f"127.0.0.1:{self.first.port},127.0.0.1:{self.second.port}"
        return f"postgresql://deskside@{hosts}/deskside?target_session_attrs=read-write"

    def start(self) -> None:
        """An empty primary, a copy of it that follows, and no commit any more that the copy does not have."""
        _run(
            "initdb", f"--pgdata={self.first.cluster}", "--username=deskside", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        self.first.start()
        with psycopg.connect(self.first.url("postgres"), autocommit=True) as connection:
            connection.execute("create database deskside")
        _run(
            "pg_basebackup", f"--pgdata={self.second.cluster}", f"--dbname={self.first.url('postgres')}",
            "--write-recovery-conf", "--create-slot", f"--slot={_STANDBY}", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip
        self.second.start()
        # Only now, so that the copy has not got it: promoted, it would wait for a standby that is not there.
        with psycopg.connect(self.first.url("postgres"), autocommit=True) as connection:
            connection.execute(f"alter system set synchronous_standby_names = '{_STANDBY}'")
            connection.execute("select pg_reload_conf()")
        eventually(self._synchronous, seconds=_SECONDS, every=0.1)

    def _synchronous(self) -> bool:
        return self.first.rows("select sync_state from pg_stat_replication") == [("sync",)]

    def promote(self) -> None:
        """The standby takes the primary's place; returns when it may be written to."""
        assert self.second.rows("select pg_promote(true, 60)") == [(True,)]

    def stop(self) -> None:
        """Ends both, the one that follows first."""
        self.second.stop()
        self.first.stop()


@contextlib.contextmanager
def pair() -> Iterator[Pair]:
    """Both servers, with all they kept gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="deskside-pair-", dir="/tmp"))
    if (user := account()) is not None:
        os.chown(folder, *user)
    folder.chmod(0o755)
    servers = Pair(folder)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)
