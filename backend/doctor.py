"""Looks at an installation the way an administrator would: what works, what does not, and what to do about it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend import config, db, errors, files, health, log
from backend.chat import queue
from backend.chat.models import Place
from backend.config import Config, ConfigError
from backend.jobs import TryAgainIn
from backend.microsoft import graph, identity, mailbox

_OLDEST_POSTGRES = 15


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it works, and a sentence that says so or what to do."""

    works: bool
    says: str


def _database(installation: Config) -> Iterator[Finding]:
    db.configure(installation.database_url, pool=1)
    try:
        with db.scope() as session:
            version = int(session.execute(text("show server_version_num")).scalar_one()) // 10_000
            known = session.execute(text("select to_regclass('alembic_version') is not null")).scalar_one()
            revision = session.execute(text("select version_num from alembic_version")).scalar_one() if known else ""
            worker = known and session.execute(health.WORKER_LIVES).scalar_one()
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        yield Finding(False, f"The database does not answer ({reason}). Check DATABASE_URL and that the server runs.")
        return
    yield Finding(
        version >= _OLDEST_POSTGRES, f"The database is PostgreSQL {version}; {_OLDEST_POSTGRES} or later is needed."
    )
    if revision == health.newest_migration():
        yield Finding(True, "Its tables are those of this version.")
    else:
        yield Finding(False, "Its tables are not those of this version: run `deskside migrate`.")
    yield Finding(bool(worker), "A worker is running." if worker else "No worker is running: start `deskside work`.")


def _files(_installation: Config) -> Iterator[Finding]:
    content = b"Deskside looked whether files can be kept.\n"
    try:
        kept = files.read(files.put(content)) == content
    except Exception as error:  # each store has errors of its own
        yield Finding(False, f"Files cannot be kept ({str(error).splitlines()[0]}). Check FILES_URL and its rights.")
        return
    yield Finding(kept, "Files can be kept and read." if kept else "A file came back changed. Check FILES_URL.")


def _address(installation: Config) -> Iterator[Finding]:
    if installation.sandbox_url:
        yield Finding(True, f"Microsoft is the sandbox tenant at {installation.sandbox_url}.")
    elif installation.url.startswith("https://"):
        yield Finding(True, f"People and Microsoft reach Deskside at {installation.url}.")
    else:
        yield Finding(
            False,
            f"PUBLIC_URL is {installation.url}: Outlook, Teams and Microsoft's notifications need an https:// address "
            "that can be reached from the internet.",
        )


def _microsoft(installation: Config) -> Iterator[Finding]:
    try:
        identity.app_token()
    except errors.OutsideDown:
        yield Finding(
            False,
            "The app could not sign in (the line above says why). Check TENANT_ID, CLIENT_ID and CLIENT_SECRET: the "
            "secret's value is needed, not its id, and secrets expire.",
        )
        return
    yield Finding(True, f"The app signs in to the tenant {installation.tenant_id}.")
    if not installation.desk_mailboxes:
        yield Finding(False, "DESK_MAILBOXES is empty: no mail becomes a ticket, and none can be sent.")
    for address in installation.desk_mailboxes:
        try:
            yield _mailbox(address)
        except SQLAlchemyError:  # a mailbox is asked by turns, which PostgreSQL keeps; what it lacks is said already
            return


def _mailbox(address: str) -> Finding:
    try:
        mailbox.changes(address)
    except graph.Missing:
        return Finding(False, f"There is no mailbox {address} in this tenant. Check DESK_MAILBOXES.")
    except (graph.GraphRefused, errors.OutsideDown, TryAgainIn) as error:
        return Finding(
            False,
            f"The mailbox {address} could not be read: {error} If it is a matter of rights: the app needs the "
            "application permissions Mail.ReadWrite and Mail.Send for it with an administrator's consent, and new "
            "rights take up to two hours.",
        )
    return Finding(True, f"The mailbox {address} can be read.")


def _teams(installation: Config) -> Iterator[Finding]:
    """Whether a chat that waits rings anywhere. Nothing is said without a database, of which it is said already."""
    try:
        with db.scope():
            bells, silent = queue.bells(), queue.unreached()
    except SQLAlchemyError:
        return
    named, channels = installation.teams_channel, [one for one in bells if one.kind == Place.CHANNEL]
    if named and not channels:
        yield Finding(
            False,
            f"TEAMS_CHANNEL names {named}, in which the bot does not ring. Check the id (*Get link to channel* in "
            "Teams holds it), and add the app to that channel's team.",
        )
    elif not bells:
        yield Finding(True, "Chats ring nowhere in Teams yet: add the app to the team of your technicians.")
    else:
        people = len(bells) - len(channels)
        yield Finding(True, f"Chats ring in Teams: in channels {len(channels)}, with technicians {people}.")
    for name in silent.values():
        yield Finding(True, f"{name} has blocked or removed the bot in Teams: no chat rings with them.")


_PARTS: tuple[Callable[[Config], Iterator[Finding]], ...] = (_database, _files, _address, _microsoft, _teams)


def findings(installation: Config) -> Iterator[Finding]:
    """Everything there is to say about `installation`, one after the other. Changes nothing but a small kept file."""
    config.use(installation)
    for part in _PARTS:
        yield from part(installation)


def main() -> None:
    """Prints the findings. Ends with status 1 when something does not work."""
    try:
        installation = config.current()
    except ConfigError as error:
        sys.exit(str(error))
    log.configure(installation)
    healthy = True
    for finding in findings(installation):
        print(f"{'ok  ' if finding.works else 'FAIL'}  {finding.says}", flush=True)
        healthy = healthy and finding.works
    sys.exit(0 if healthy else 1)
