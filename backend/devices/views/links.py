"""The administrators' page of tools for remote control."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.db import session
from backend.devices.actions import put_link, remove_link
from backend.devices.addresses import PLACES, PRESETS, SCHEMES
from backend.devices.models import ConnectLink, connect_links
from backend.devices.views.door import blueprint
from backend.errors import NotFound
from backend.i18n import _
from backend.ui.answers import go_to
from backend.web import form_text

_PAGE = "/settings/devices"
_PLACES = " ".join(f"{{{place}}}" for place in PLACES)


def _the_link(number: int) -> ConnectLink:
    query = select(ConnectLink).where(ConnectLink.id == min(number, 2**31 - 1))
    found = session.scalar(query.with_for_update() if request.method == "POST" else query)
    if found is None:
        raise NotFound(_("This link is no longer there."))
    return found


@blueprint.get(_PAGE)
@requires("settings.write")
def link_list() -> ResponseReturnValue:
    """All links, and those of well-known tools that are not there yet."""
    links = connect_links()
    known = {link.name for link in links}
    presets = [(name, url) for name, url in PRESETS if name not in known]
    return render_template("devices/links.html", links=links, presets=presets)


@blueprint.get(_PAGE + "/new")
@requires("settings.write")
def new_link() -> ResponseReturnValue:
    """The form for a new link; `preset`: the name of a well-known tool fills it."""
    name = request.args.get("preset", "")
    url = dict(PRESETS).get(name, "")
    return render_template(
        "devices/link.html", link=None, name=name if url else "", url=url, places=_PLACES, schemes=SCHEMES
    )


@blueprint.get(_PAGE + "/<int:number>")
@requires("settings.write")
def one_link(number: int) -> ResponseReturnValue:
    """The form of one link."""
    link = _the_link(number)
    return render_template(
        "devices/link.html", link=link, name=link.name, url=link.url, places=_PLACES, schemes=SCHEMES
    )


@blueprint.post(_PAGE)
@requires("settings.write")
def add_link() -> ResponseReturnValue:
    """Names a tool."""
    put_link(me(), None, name=form_text(request.form, "name"), url=form_text(request.form, "url"))
    return go_to(_PAGE)


@blueprint.post(_PAGE + "/<int:number>")
@requires("settings.write")
def save_link(number: int) -> ResponseReturnValue:
    """Changes a link."""
    put_link(me(), _the_link(number), name=form_text(request.form, "name"), url=form_text(request.form, "url"))
    return go_to(_PAGE)


@blueprint.post(_PAGE + "/<int:number>/remove")
@requires("settings.write")
def drop_link(number: int) -> ResponseReturnValue:
    """Removes a link."""
    remove_link(me(), _the_link(number))
    return go_to(_PAGE)
