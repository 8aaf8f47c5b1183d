"""A whole Deskside on one machine: PostgreSQL, the sandbox tenant, web and worker, with data in one folder.

Nothing here is for production: there each of them is started on its own (see Procfile).
"""

import errno
import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import IO

from backend import config
from backend.config import Config, ConfigError
from backend.postgres import Postgres
from backend.postgres_place import PostgresError
from backend.supervisor import Ended, Supervisor, SupervisorError

# The sandbox tenant's application. Its secret is none: that tenant trusts everybody on this machine.
_TENANT = {
    "TENANT_ID": "11111111-aaaa-4aaa-8aaa-000000000001",
    "CLIENT_ID": "22222222-bbbb-4bbb-8bbb-000000000001",
    "CLIENT_SECRET": "sandbox-secret",
    "ALLOWED_TENANTS": "11111111-aaaa-4aaa-8aaa-000000000002",
    "LANGUAGE": "de",
    "DESK_MAILBOXES": "service@nordlicht-it.example,vertrieb@nordlicht-it.example",
}
_SECONDS_FOR_PORTS = 4.0
_SECONDS_FOR_LOCK = 0.5  # `running` holds it for a moment too


class TrialError(Exception):
    """It cannot start here; the message says what to do."""


def _claim(data: Path) -> IO[str]:
    """The lock on the data folder, held until this process ends. Raises TrialError when another one holds it."""
    try:
        data.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = (data / "deskside.pid").open("a+")
    except OSError as error:
        raise TrialError(
            f"The data folder {data} cannot be used: {error.strerror}. DESKSIDE_DATA names another."
        ) from error
    until = time.monotonic() + _SECONDS_FOR_LOCK
    while not _locked(lock):
        if time.monotonic() > until:
            lock.seek(0)
            raise TrialError(f"Deskside is already running on {data} (process {lock.read().strip() or '?'}).")
        time.sleep(0.05)
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _secret_key(data: Path) -> str:
    """The folder's own secret, made at the first start and readable by its owner only."""
    path = data / "secret_key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _free(name: str, host: str, port: int) -> None:
    """Waits a moment for a port that a run killed just now still holds. Raises TrialError when it stays taken."""
    until = time.monotonic() + _SECONDS_FOR_PORTS
    while _taken(host, port):
        if time.monotonic() > until:
            raise TrialError(f"Port {port} on {host} is taken. End what uses it, or set {name} to another one.")
        time.sleep(0.1)


def settings(given: Mapping[str, str], secret_key: str, database_url: str) -> dict[str, str]:
    """The environment of the programs: what was `given`, completed by what the sandbox tenant needs."""
    port = given.get("SANDBOX_PORT") or "8100"
    defaults = {
        **_TENANT,
        "SANDBOX_URL": f"http://127.0.0.1:{port}",
        "OFFICE_JS_URL": f"http://127.0.0.1:{port}/_sandbox/office.js",
        "TEAMS_JS_URL": f"http://127.0.0.1:{port}/_sandbox/teams.js",
        "SECRET_KEY": secret_key,
        "DATABASE_URL": database_url,
    }
    return {**given, **{name: value for name, value in defaults.items() if not given.get(name)}}


def _checked(given: Mapping[str, str]) -> Config:
    """The settings as far as they are known before anything runs. Raises ConfigError."""
    return config.load(settings(given, "0" * 64, "postgresql:///deskside"))


def _write_down(data: Path, environment: Mapping[str, str]) -> None:
    """Leaves the settings, secrets among them, for the owner's other commands (`running`)."""
    names = [field.name.upper() for field in fields(Config)]
    ours = {name: environment[name] for name in names if name in environment}
    path = data / "running.json"
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(ours, file, indent=2)


def running(given: Mapping[str, str]) -> dict[str, str]:
    """The settings of the trial installation that runs on the data folder of `given`, completed by `given`.

    Just `given` when none runs there. Raises ConfigError when `given` is wrong.
    """
    data = _checked(given).deskside_data
    try:
        with (data / "deskside.pid").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        known: dict[str, str] = json.loads((data / "running.json").read_text())
        return known | {name: value for name, value in given.items() if value}
    except OSError:
        pass
    return dict(given)


class Trial:
    """The running installation."""

    def __init__(self, given: Mapping[str, str], *, empty: bool) -> None:
        """Checks everything that can be checked before something starts.

        Raises ConfigError or TrialError.
        """
        self._given, self._empty = given, empty
        self._own_sandbox = not given.get("SANDBOX_URL")
        self._config = _checked(given)
        self._lock = _claim(self._config.deskside_data)
        host = "127.0.0.1" if self._config.bind == "localhost" else self._config.bind
        self._web = (host.replace("0.0.0.0", "127.0.0.1"), self._config.port)
        _free("PORT", host, self._config.port)
        if self._own_sandbox:
            _free("SANDBOX_PORT", "127.0.0.1", self._config.sandbox_port)
        self._postgres: Postgres | None = None
        self._supervisor = Supervisor()

    def run(self) -> None:
        """Runs until a signal, then ends all of it in order.

        Raises SupervisorError or PostgresError when something does not start; nothing is left running then either.
        """
        self._supervisor.listen()
        try:
            self._start()
            self._supervisor.stay(self._restart_postgres)
        except Ended:
            self._supervisor.say("Ending.")
        finally:
            self._supervisor.end("web", "worker", "sandbox")
            if self._postgres is not None:
                self._postgres.stop()
            (self._config.deskside_data / "running.json").unlink(missing_ok=True)

    def _start(self) -> None:
        data, supervisor = self._config.deskside_data, self._supervisor
        url = self._given.get("DATABASE_URL", "")
        if not url:
            supervisor.say("Starting PostgreSQL.")
            self._postgres = Postgres(data)
            url = self._postgres.start()
        given = {**self._given, "DESKSIDE_DATA": str(data), "PYTHONUNBUFFERED": "1"}
        supervisor.environment = settings(given, _secret_key(data), url)
        _write_down(data, supervisor.environment)
        python = [sys.executable, "-P", "-m"]
        if self._own_sandbox:
            self._keep_sandbox(python)
        supervisor.run("prepare", [*python, "backend.prepare", *(["--empty"] if self._empty else [])])
        if self._own_sandbox:
            supervisor.wait_for("127.0.0.1", self._config.sandbox_port, "/_sandbox/people")
        supervisor.keep("web", [*python, "backend.serve"], seconds_to_end=6.0)
        # When all are killed at once, PostgreSQL is gone before the worker could take its leave of it.
        supervisor.keep("worker", [*python, "backend.work"], seconds_to_end=8.0, last_signal=signal.SIGKILL)
        supervisor.wait_for(*self._web, "/healthz")
        self._greet()

    def _keep_sandbox(self, python: list[str]) -> None:
        port = self._config.sandbox_port
        where = ["--data", str(self._config.deskside_data / "sandbox"), "--port", str(port)]
        command = [*python, "backend.sandbox.serve", *where, "--deskside-url", self._config.url]
        self._supervisor.keep("sandbox", command, seconds_to_end=4.0)

    def _greet(self) -> None:
        data = self._config.deskside_data
        for line in (
            "",
            "Deskside is ready. Open in a browser:",
            f"  {self._config.sandbox_url}/_sandbox/   the sandbox tenant, with Outlook and the pane beside a mail",
            f"  {self._config.url}/   the desk itself",
            f"Data lies in {data}. Ctrl-C ends everything and keeps it.",
            "",
        ):
            self._supervisor.say(line)

    def _restart_postgres(self) -> None:
        if self._postgres is not None and not self._postgres.running:
            self._supervisor.say("PostgreSQL ended; starting it again.")
            self._postgres.start()


def main(*, empty: bool = False) -> None:
    """Runs a trial installation until a signal. Ends with status 1 and a sentence when it cannot."""
    try:
        Trial(config.environment(), empty=empty).run()
    except (ConfigError, TrialError, PostgresError, SupervisorError) as error:
        sys.exit(f"{error}")
