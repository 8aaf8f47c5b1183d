"""What a view answers to a change made from an open page."""

import json
from collections.abc import Mapping

from flask import Response, make_response, redirect, render_template, request


def _look(response: Response, topics: tuple[str, ...]) -> Response:
    """Tells the page to fetch again what it shows of `topics`, without waiting for the live line."""
    if topics:
        events = {"look": {"topic": " ".join(topics), "target": "body"}}
        response.headers["HX-Trigger"] = json.dumps(events)
    return response


def looked_again(*topics: str) -> Response:
    """Nothing to show: the page fetches again what it shows of `topics`."""
    return _look(make_response("", 204), topics)


def changed(
    title: str,
    *topics: str,
    detail: str = "",
    undo: str = "",
    undo_fields: Mapping[str, str] | None = None,
    seconds: int = 0,
) -> Response:
    """A toast that says what was done, with *Undo* where `undo` is the address that takes `undo_fields` back.

    `seconds`: how long it stands, where it can be undone for so long only.
    """
    taken_back = {"url": undo, "fields": undo_fields or {}} if undo else None
    response = make_response(
        render_template("ui/changed.html", title=title, detail=detail, undo=taken_back, seconds=seconds)
    )
    return _look(response, topics)


def go_to(address: str) -> Response:
    """Leads to another page of ours after a change, from a form with or without htmx."""
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))
