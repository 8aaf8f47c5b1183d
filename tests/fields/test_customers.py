"""What a customer may see and change of a ticket's fields, with a customer's session past the door that is closed to
them: on the page, by its forms, in search, and in what is mailed."""

from typing import Any

import pytest
from flask import g
from sqlalchemy import select

from backend import db
from backend.db import session
from backend.errors import Invalid, NotAllowed, NotFound
from backend.tickets.models import Ticket, seen_by
from backend.tickets.search import matches
from tests.desk.conftest import Desk
from tests.fields.test_fields import define, fill
from tests.world import Browser

pytestmark = pytest.mark.slow


def does(desk: Desk, endpoint: str, path: str, data: dict[str, str] | None = None, **address: Any) -> str:
    """What the view answers Jana; raises what refuses her."""
    method = "GET" if data is None else "POST"
    given = {"method": method, "data": data, "headers": {"HX-Request": "true", "Accept-Language": "en"}}
    with desk.world.app.test_request_context(path, **given), db.scope():
        g.who = desk.jana.who()
        view: Any = desk.world.app.view_functions[endpoint]
        answer = desk.world.app.make_response(view(**address)).get_data(as_text=True)
        session.commit()
        return answer


def sets(desk: Desk, name: str, value: str) -> None:
    path = f"/tickets/{desk.ticket}/{name}"
    does(desk, "tickets.set_property", path, {"value": value}, number=desk.ticket, name=name)


def row(desk: Desk) -> Ticket:
    with desk.world.rows():
        return session.scalars(select(Ticket).where(Ticket.number == desk.ticket)).one()


def found(desk: Desk, words: str) -> int:
    with desk.world.app.test_request_context(), desk.world.rows():
        who = desk.jana.who()
        return len(session.scalars(seen_by(select(Ticket.number), who).where(matches(who, words))).all())


def test_a_customer_changes_what_is_editable_and_nothing_else(desk: Desk, admin: Browser) -> None:
    for choice in ("hidden", "view", "editable"):
        chosen = {"key": "customers_priority", "value": choice}
        assert admin.post("/settings/about/customers", data=chosen).status_code == 200
        if choice == "editable":
            sets(desk, "priority", "high")
            continue
        with pytest.raises(NotAllowed, match="You may not do this"):
            sets(desk, "priority", "critical")
    assert row(desk).priority == "high"
    for name, value in (("assignee", "1"), ("team", "1"), ("category", "x"), ("contact", "1"), ("impact", "site")):
        with pytest.raises(NotAllowed, match="You may not do this"):
            sets(desk, name, value)


def test_a_hidden_field_is_neither_shown_nor_found_nor_changed(desk: Desk, admin: Browser) -> None:
    hidden, seen = define(admin, "Our margin"), define(admin, "Your reference", customers="editable")
    assert (fill(desk, hidden, "Zirbelkammer"), fill(desk, seen, "Birkenlack")) == (200, 200)

    def fills(key: str) -> str:
        path = f"/tickets/{desk.ticket}/fields/{key}"
        return does(desk, "fields.fill_in", path, {"value": "Ahorn"}, number=desk.ticket, key=key)

    assert (found(desk, "Zirbelkammer"), found(desk, "Birkenlack")) == (0, 0), "fields are for our search alone"
    with pytest.raises(Invalid) as refused:
        fills(hidden)
    assert "no such field" in str(refused.value.fields)
    fills(seen)
    assert row(desk).fields == {hidden: "Zirbelkammer", seen: "Ahorn"}
    page = does(desk, "tickets.ticket", f"/tickets/{desk.ticket}", number=desk.ticket)
    log = does(desk, "tickets.ticket", f"/tickets/{desk.ticket}?tab=activity", number=desk.ticket)
    assert "Ahorn" in page
    for told in (page, log):
        assert "Zirbelkammer" not in told
        assert "Our margin" not in told


def test_no_mail_tells_of_a_hidden_field(desk: Desk, admin: Browser) -> None:
    fill(desk, define(admin, "Our margin"), "Zirbelkammer")
    form = {"kind": "reply", "text": "Wir kommen."}
    assert desk.browser.post(f"/tickets/{desk.ticket}/messages", data=form).status_code in (200, 204)
    assert desk.browser.post(f"/tickets/{desk.ticket}/status", data={"value": "closed"}).status_code == 200
    desk.world.work()
    sent = [desk.world.sent_mime(one).decode() for one in desk.world.sent()]
    assert sent
    assert not [one for one in sent if "Zirbelkammer" in one or "Our margin" in one]


def test_anothers_ticket_is_not_there(desk: Desk, admin: Browser) -> None:
    admin.post("/settings/about/customers", data={"key": "customers_priority", "value": "editable"})
    with desk.world.rows():
        session.scalars(select(Ticket).where(Ticket.number == desk.ticket)).one().contact_id = None
    with pytest.raises(NotFound):
        sets(desk, "priority", "high")
