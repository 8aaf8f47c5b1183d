"""What is ours: database, worker, files, the address under which others find us."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend import db, files, health
from backend.config import Config
from backend.doctor.finding import Finding, right, wrong

_OLDEST_POSTGRES = 15
_SECONDS = 5
_POOLED = (
    "DATABASE_URL leads to a pooler that lends one connection to many (transaction mode): locks and live updates get "
    "lost there. Let it lead to PostgreSQL itself, or to a pool in session mode."
)


def database(installation: Config) -> Iterator[Finding]:
    """Whether PostgreSQL is there, new enough, ours alone for a session, at this version, and worked on."""
    db.configure(installation.database_url, pool=1)
    try:
        with db.scope() as session:
            version = int(session.execute(text("show server_version_num")).scalar_one()) // 10_000
            known = session.execute(text("select to_regclass('alembic_version') is not null")).scalar_one()
            revision = session.execute(text("select version_num from alembic_version")).scalar_one() if known else ""
            worker = known and session.execute(health.WORKER_LIVES).scalar_one()
        pooled = _pooled(installation.database_url)
    except (SQLAlchemyError, psycopg.Error) as error:
        yield _silent(error)
        return
    if version >= _OLDEST_POSTGRES:
        yield right(f"The database is PostgreSQL {version}.")
    else:
        yield wrong(
            f"The database is PostgreSQL {version}, which lacks what Deskside uses: move to {_OLDEST_POSTGRES}."
        )
    if pooled:
        yield wrong(_POOLED)
    yield _tables(revision)
    if worker:
        yield right("A worker is running.")
    else:
        yield wrong("No worker is running, so no mail comes in or goes out. Start `deskside work`.")


def _silent(error: Exception) -> Finding:
    reason = str(error.__cause__ or error).strip().splitlines()[0]
    if "unsupported startup parameter" in reason:  # what PgBouncer says to the settings of a session
        return wrong(_POOLED)
    if "password authentication failed" in reason or "no pg_hba.conf entry" in reason:
        return wrong(f"The database lets nobody in with DATABASE_URL ({reason}). Check its user, password and host.")
    if "does not exist" in reason:
        return wrong(f"The database server answers, but not as it should ({reason}). Make it: `createdb deskside`.")
    return wrong(f"The database does not answer ({reason}). Check DATABASE_URL and that the server runs.")


def _pooled(url: str) -> bool:
    """Whether two lines to the database share one of the server's: the second is given what the first just used."""
    ask, plain = "select pg_backend_pid()", db.plain_url(url)
    with (
        psycopg.connect(plain, connect_timeout=_SECONDS, autocommit=True, prepare_threshold=None) as first,
        psycopg.connect(plain, connect_timeout=_SECONDS, autocommit=False, prepare_threshold=None) as second,
    ):
        mine, theirs = first.execute(ask).fetchone(), second.execute(ask).fetchone()
        return mine == theirs or first.execute(ask).fetchone() != mine


def _tables(revision: str) -> Finding:
    newest = health.newest_migration()
    if revision == newest:
        return right("Its tables are those of this version.")
    if not revision:
        return wrong("The database has no tables of Deskside yet: run `deskside migrate`.")
    if revision > newest:
        return wrong(
            f"The tables are those of a later version ({revision}; this one knows {newest}). Run that version, or "
            "restore the backup that was made before."
        )
    return wrong(f"Its tables are those of an earlier version ({revision}, not {newest}): run `deskside migrate`.")


def kept_files(installation: Config) -> Iterator[Finding]:
    """Whether files can be kept where they shall be."""
    content = b"Deskside looked whether files can be kept.\n"
    where = installation.files_url or str(installation.deskside_data / "files")
    try:
        kept = files.read(files.put(content)) == content
    except Exception as error:  # each store has errors of its own
        yield wrong(
            f"Files cannot be kept in {where} ({str(error).splitlines()[0]}), so mails with attachments wait. Check "
            f"{'FILES_URL and the credentials of its store' if installation.files_url else 'DESKSIDE_DATA'} and that "
            "Deskside may write there."
        )
        return
    yield (
        right("Files can be kept and read.")
        if kept
        else wrong(f"A file that was kept in {where} came back changed. Something else writes there: check FILES_URL.")
    )


def address(installation: Config) -> Iterator[Finding]:
    """Whether others can find Deskside where it says it is."""
    if installation.sandbox_url:
        yield right(f"Microsoft is the sandbox tenant at {installation.sandbox_url}.")
    elif not installation.url.startswith("https://"):
        yield wrong(
            f"PUBLIC_URL is {installation.url}: Outlook, Teams and Microsoft's notifications need an https:// address "
            "that can be reached from the internet. Set it to the address of the proxy that speaks https for Deskside."
        )
        return
    yield from _answers(installation)


def _answers(installation: Config) -> Iterator[Finding]:
    host = urlsplit(installation.url).hostname
    try:
        answer = requests.get(f"{installation.url}/healthz", timeout=_SECONDS, allow_redirects=False)
        ours = answer.status_code == 200 and answer.json() == {"status": "ok"}
    except requests.exceptions.SSLError:
        yield wrong(
            f"The certificate of {host} is not one that Microsoft takes (ended, for another name, made by oneself, or "
            "without its chain). Give the proxy one of a public authority, with the whole chain."
        )
        return
    except (requests.RequestException, ValueError) as error:
        ours, answer = False, None
        why = type(error).__name__
    if ours:
        yield right(f"Deskside answers at {installation.url}; Microsoft must reach it from the internet too.")
    elif answer is not None:
        yield wrong(
            f"Something else answers at {installation.url} ({answer.status_code}). Check PUBLIC_URL, and that the "
            "proxy passes all paths on to `deskside serve`."
        )
    else:
        yield wrong(
            f"Deskside does not answer at {installation.url} ({why}). Check PUBLIC_URL, the name's entry in DNS, the "
            "proxy, and that `deskside serve` runs."
        )
