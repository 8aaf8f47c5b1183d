"""Starts the web server: gunicorn with threads, for pages, live streams and webhooks alike."""

import contextlib
import ctypes
import gc
import importlib
import resource
import socket
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from backend import config
from backend.arbiter import NurseryArbiter, adopts
from backend.config import Config, ConfigError

_APPLICATION = "backend.wsgi"  # loaded where it is needed, which is not the arbiter
_FILES = 8192
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h of glibc
_LARGE = 128 * 1024  # bytes


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's own lines go through the installation's logs, and its start is not worth a line per process."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self.error_log.propagate = True


def addresses(bind: str, port: int) -> list[str]:
    """What to listen on for the host name or address `bind`, as gunicorn writes it.

    `localhost` is each loopback address this machine has: a browser may take either.
    """
    if bind != "localhost":
        return [f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"]
    listen = [f"127.0.0.1:{port}"]
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
        listen.append(f"[::1]:{port}")
    except OSError:
        pass  # a machine without IPv6
    return listen


def settings(installation: Config, *, nursery: bool) -> dict[str, Any]:
    """gunicorn's settings for `installation`; `nursery`: the workers come from one (`arbiter.py`)."""
    shared_memory = Path("/dev/shm")
    return {
        "bind": addresses(installation.bind, installation.port),
        "proc_name": "deskside",
        "workers": installation.web_workers,
        "worker_class": "backend.thread_worker.Worker",
        "threads": installation.web_threads,
        # More would be accepted than there are threads for, and hang.
        "worker_connections": installation.web_threads,
        "preload_app": not nursery,
        "graceful_timeout": 2,
        "timeout": 60,
        "keepalive": 0,  # a kept connection would take a thread's place
        "control_socket_disable": True,
        # The heartbeat's file must not wait for a disk.
        "worker_tmp_dir": str(shared_memory) if shared_memory.is_dir() else None,
        # Nobody's header decides about our scheme: PUBLIC_URL does.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "accesslog": None,
        "errorlog": None,
        "loglevel": "warning" if installation.log_level == "info" else installation.log_level,
        "logger_class": _Log,
        "post_fork": _after_forking,
    }


def _spare_memory() -> None:
    """All threads take memory from one heap instead of one each, and large pieces go back to the system at once; only
    glibc has that. What prints exceptions in colours is not loaded, where another tool has brought it (structlog
    would)."""
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        for parameter, value in ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _LARGE)):
            libc.mallopt(parameter, value)
    sys.modules["rich"] = None  # type: ignore[assignment]


def _allow_files() -> None:
    """Each live stream is an open file: as many as the system lets this process have."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, most) if _soft != resource.RLIM_INFINITY else _soft, hard))


def _after_forking(_server: Any, _worker: Any) -> None:
    importlib.import_module(_APPLICATION).after_forking()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, installation: Config) -> None:
        self._nursery = adopts()
        self._settings = settings(installation, nursery=self._nursery)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        loaded = importlib.import_module(_APPLICATION)
        loaded.before_forking()
        return loaded.app

    def run(self) -> None:
        """Serves until it is told to end."""
        if self._nursery:
            NurseryArbiter(self).run()
        else:
            super().run()


def main() -> None:
    """Serves until SIGTERM. Ends with status 1 and all wrong settings when there are any."""
    try:
        installation = config.current()
    except ConfigError as error:
        sys.exit(str(error))
    _spare_memory()
    _allow_files()
    gc.disable()  # what is loaded now is needed to the end; to look through it again and again takes long
    _Server(installation).run()


if __name__ == "__main__":
    main()
