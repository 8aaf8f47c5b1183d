"""The composers' own requests: keep what is being typed, and give it back."""

import re

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.db import session
from backend.drafts.actions import done, files_of, forget, keep
from backend.drafts.models import Draft
from backend.errors import Invalid
from backend.i18n import _

blueprint = Blueprint("drafts", __name__)
_KEY = re.compile(r"[a-z]{1,20}:\d{1,12}|new-[a-z]{1,20}")
MOST_RECIPIENTS = 50


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    return key


@blueprint.get("/drafts/<key>")
@requires("tickets.write")
def draft(key: str) -> ResponseReturnValue:
    """The person's own draft of that key; 204 when there is none."""
    found = session.get(Draft, (me().person_id or 0, _checked(key)))
    if found is None:
        return "", 204
    files = [{"id": one.id, "name": one.name, "size": one.size} for one in files_of(me(), key)]
    return jsonify(text=found.text, at=int(found.at.timestamp() * 1000), **found.fields, files=files)


@blueprint.post("/drafts/<key>")
@requires("tickets.write")
def keep_draft(key: str) -> ResponseReturnValue:
    """Keeps the text, the kind and the recipients; an empty text forgets the draft."""
    form = request.form
    fields = {name: [one[:320] for one in form.getlist(name)][:MOST_RECIPIENTS] for name in ("to", "cc", "mentions")}
    before = done(me(), _checked(key))
    kept = {"kind": form.get("kind", "")[:20], **fields, **({"done": before} if before else {})}
    keep(me(), key, form.get("text", ""), kept)
    return "", 204


@blueprint.delete("/drafts/<key>")
@requires("tickets.write")
def forget_draft(key: str) -> ResponseReturnValue:
    """Forgets the draft."""
    forget(me(), _checked(key))
    return "", 204
