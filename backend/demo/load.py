"""Loads the demo company: `python -m backend.demo.load`, or `deskside demo` at its first start."""

from sqlalchemy import func, select

from backend import clock, config, db, migrate
from backend.db import session
from backend.demo.agreeing import conclude
from backend.demo.cast import assemble
from backend.demo.chatting import chat_stories, remember_chats
from backend.demo.checking import write_checklists
from backend.demo.everyday import Everyday
from backend.demo.ordering import place_orders
from backend.demo.stories import STORIES
from backend.demo.telling import tell_stories
from backend.demo.visiting import plan_visits
from backend.demo.wordings import write_modules
from backend.people.models import Customer

_LOCK = 0x64656D6F  # two starts at once load it once


def load() -> bool:
    """Fills this transaction with the demo company, in times relative to now.

    Returns whether it did: where there are customers already, nothing happens.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if session.scalar(select(Customer.id).limit(1)) is not None:
        return False
    cast = assemble(clock.now())
    conclude(cast)
    place_orders(cast)
    everyday = Everyday(cast)
    tell_stories(cast, (*STORIES, *chat_stories(cast), *everyday.stories()))
    remember_chats(cast)
    plan_visits(cast, everyday)
    write_modules(cast)
    write_checklists(cast, everyday)
    return True


def main() -> None:
    """Loads it into the database of the settings, in one transaction. Raises ConfigError when they are wrong."""
    db.configure(config.current().database_url, pool=1)
    migrate.load_models()
    with db.scope() as scoped, scoped.begin():
        load()


if __name__ == "__main__":
    main()
