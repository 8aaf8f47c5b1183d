"""A backup of an installation that runs, restored elsewhere and looked through by `deskside doctor --data`.

The steps are those of `docs/backup.md`: the database first, the files afterwards.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend import db, postgres, trial
from backend.postgres_place import account, programs
from tests.installation import Installation


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{Path(command[0]).name}: {done.stderr[-2_000:]}"


def back_up(there: Installation, folder: Path) -> None:
    """Writes `database.dump` and `files` of the running installation into `folder`."""
    settings = trial.running(there.environment)
    dump = [str(programs(account()) / "pg_dump"), "--format=custom", f"--file={folder / 'database.dump'}"]
    _run([*dump, db.plain_url(settings["DATABASE_URL"])])
    # What a job writes at this moment belongs to a row that the dump does not have.
    unfinished = shutil.ignore_patterns("*#*")
    shutil.copytree(Path(settings["DESKSIDE_DATA"]) / "files", folder / "files", ignore=unfinished)


@contextlib.contextmanager
def restored(there: Installation, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation on a server of its own that holds the backup in `folder`."""
    settings = trial.running(there.environment)
    with postgres.throwaway() as url:
        restore = [str(programs(account()) / "pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={url}"]
        _run([*restore, str(folder / "database.dump")])
        yield {**os.environ, **settings, "DATABASE_URL": url, "DESKSIDE_DATA": str(folder)}


def doctor(environment: dict[str, str]) -> str:
    """What `deskside doctor --data` says there. Raises AssertionError with it when something is wrong."""
    command = [sys.executable, "-m", "backend.cli", "doctor", "--data"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def backup_and_check(there: Installation) -> str:
    """Backs `there` up while it runs, restores that elsewhere, and returns what the look through its data says.

    Raises AssertionError when a part of the way fails or something is wrong with the data.
    """
    with tempfile.TemporaryDirectory(prefix="deskside-backup-") as name:
        folder = Path(name)
        back_up(there, folder)
        with restored(there, folder) as environment:
            return doctor(environment)
