"""Data folders that hold the demo company already: it is loaded once for all tests of a run, and copied."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from backend import trial
from backend.postgres import Postgres
from backend.postgres_place import account, place

# Where a run keeps what its processes share; whoever runs the tests removes it at the end.
SHARED = "DESKSIDE_TESTS_SHARED"


def _load(data: Path) -> None:
    data.mkdir()
    key = trial._secret_key(data)
    with Postgres(data) as url:
        environment = trial.settings({**os.environ, "DESKSIDE_DATA": str(data)}, key, url)
        subprocess.run([sys.executable, "-m", "backend.prepare"], env=environment, check=True)


def furnish(data: Path) -> None:
    """Makes the empty folder `data` what a first start of `deskside demo` leaves."""
    shared = Path(os.environ[SHARED])
    model = shared / "demo"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "loaded").exists():
            _load(model)
            (shared / "loaded").touch()
    for name in ("secret_key", "files"):
        _copy(model / name, data)
    _copy(place(model, account()) / "cluster", place(data, account()))


def _copy(source: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    subprocess.run(["cp", "--archive", str(source), str(folder)], check=True)
