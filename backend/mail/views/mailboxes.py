"""The administrators' page on the desk's mailboxes: how each fares, and what mends it.

Nothing here asks Microsoft anything: what is shown was found out by jobs, and each button asks for one.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from backend import config, jobs
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.mail import standing
from backend.mail.actions import mending
from backend.mail.models import ImportMode, Mailbox
from backend.mail.views.door import blueprint
from backend.ui.answers import changed

_MENDS = {
    "look": mending.look_now,
    "check": mending.check_now,
    "renew": mending.renew,
    "read": mending.read_whole,
    "test": mending.send_test,
}


@blueprint.get("/settings/mailboxes")
@requires("settings.write")
def mailboxes() -> ResponseReturnValue:
    """The page."""
    return render_template("mail/mailboxes.html", **_shown())


@blueprint.get("/settings/mailboxes/list")
@requires("settings.write")
def mailboxes_list() -> ResponseReturnValue:
    """The part of it that follows what happens."""
    return render_template("mail/_mailboxes.html", **_shown())


def _shown() -> dict[str, object]:
    found = standing.all_of_them()
    known = {one.box.address for one in found}
    return {
        "mailboxes": found,
        "unseen": [one for one in config.current().desk_mailboxes if one not in known],
        "works": jobs.worker_lives(),
    }


@blueprint.post("/settings/mailboxes/<int:box_id>/<what>")
@requires("settings.write")
def mend(box_id: int, what: str) -> ResponseReturnValue:
    """Asks for one of the mends; the page shows what came of it."""
    box = session.get(Mailbox, min(box_id, 2**31 - 1))
    if box is None or box.import_mode != ImportMode.TICKET or what not in _MENDS:
        raise NotFound(_("There is no such mailbox."))
    return changed(_MENDS[what](box, me()), "mailboxes", detail=_("What comes of it is shown here in a moment."))
