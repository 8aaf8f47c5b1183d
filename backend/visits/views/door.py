"""The blueprint that all views of visits hang on, how they find a visit, and in which time zone the reader thinks."""

from flask import Blueprint

from backend import config
from backend.auth import Who, me
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _, spoken
from backend.visits import words
from backend.visits.models import Visit, visits_visible_to

blueprint = Blueprint("visits", __name__, template_folder="../templates")
for _name in ("kind_name", "busy_name", "day_short", "day_long", "weekday", "clock_time", "hours"):
    blueprint.add_app_template_filter(spoken(getattr(words, _name)), f"visit_{_name}")
for _name in ("times", "when", "span"):
    blueprint.add_app_template_global(getattr(words, _name), f"visit_{_name}")


def zone_of(who: Who) -> str:
    """The IANA time zone in which `who` reads times: the own one, else the installation's."""
    return who.timezone or config.current().timezone


def the_visit(number: int, *, lock: bool = False) -> Visit:
    """The visit with that id, if the person may see it; `lock`: it is going to be changed. Raises NotFound."""
    query = visits_visible_to(me()).where(Visit.id == min(number, 2**31 - 1))
    visit = session.scalar(query.with_for_update(of=Visit) if lock else query)
    if visit is None:
        raise NotFound(_("There is no such visit. It may have been removed."))
    return visit
