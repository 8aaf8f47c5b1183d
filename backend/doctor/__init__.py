"""Looks at an installation the way an administrator would: what works, what does not, and what to do about it."""

import sys
from collections.abc import Callable, Iterator

from sqlalchemy.exc import SQLAlchemyError

from backend import config, db, log
from backend.chat import queue
from backend.chat.models import Place
from backend.config import Config, ConfigError
from backend.doctor import here, tenant
from backend.doctor.finding import Finding, note, right, wrong


def _teams(installation: Config) -> Iterator[Finding]:
    """Whether a chat that waits rings anywhere. Nothing is said without a database, of which it is said already."""
    try:
        with db.scope():
            bells, silent = queue.bells(), queue.unreached()
    except SQLAlchemyError:
        return
    named, channels = installation.teams_channel, [one for one in bells if one.kind == Place.CHANNEL]
    if named and not channels:
        yield wrong(
            f"TEAMS_CHANNEL names {named}, in which the bot does not ring. Check the id (*Get link to channel* in "
            "Teams holds it), and add the app to that channel's team.",
        )
    elif not bells:
        yield note("Chats ring nowhere in Teams yet: add the app to the team of your technicians.")
    else:
        people = len(bells) - len(channels)
        yield right(f"Chats ring in Teams: in channels {len(channels)}, with technicians {people}.")
    for name in silent.values():
        yield note(f"{name} has blocked or removed the bot in Teams: no chat rings with them.")


_PARTS: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    here.database,
    here.kept_files,
    here.address,
    tenant.clocks,
    tenant.tenant,
    _teams,
)


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
        print(finding, flush=True)
        healthy = healthy and finding.works
    sys.exit(0 if healthy else 1)
