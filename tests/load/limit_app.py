"""The limit: the same pages from the same database through the same templates, but hand-written SQL and no ORM.

What it reaches is what Flask, Jinja and PostgreSQL can reach here; `test_bench.py` prints how much of it ours reaches
and holds that both answer the same, byte for byte. Settings as for `deskside serve`: `python -m tests.load.limit_app`.
"""

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask, abort, g, render_template, request
from gunicorn.app.base import BaseApplication

from backend import auth, config, i18n, serve
from backend.app import VIEWS
from backend.clock import now
from backend.roles import Role, Who
from backend.statuses.words import pending_offers
from backend.tickets import conversation, search, words
from backend.tickets.columns import COLUMNS, STANDARD
from backend.tickets.family import Family
from backend.tickets.models import SEARCH_CONFIGS, ActivityStatus, Priority
from backend.tickets.sorting import NEWEST
from backend.tickets.views import listing, page, recipients
from backend.tickets.views.filters import Filters
from backend.worklog.rows import Worked
from tests.load import limit_sql as sql
from tests.load.limit_database import connections, row, rows
from tests.load.limit_pane import pane


def _admit() -> None:
    g.connection = connections.take()
    cookie = request.cookies.get(auth.COOKIE, "")
    found = row(sql.SESSION, id=hashlib.sha256(cookie.encode()).hexdigest(), now=now())
    if found is None:
        abort(401)
    g.who = Who(
        person_id=found.id,
        name=found.name,
        mail=found.mail or "",
        roles=frozenset(Role(role) for role in found.roles),
        customer_id=found.customer_id,
        language=found.language,
        timezone=found.timezone,
        theme=found.theme,
        teams=tuple(found.teams),
        session_id=found.session_id,
    )


def _leave(_error: BaseException | None) -> None:
    if "connection" in g:
        connections.give_back(g.connection)


@dataclass(frozen=True)
class Condition:
    """A part of a WHERE, with its values."""

    text: str
    values: dict[str, Any]


def _words(asked: str) -> Condition:
    """What `search.matches` asks, written by hand for words without operators."""
    language, parts = SEARCH_CONFIGS.get(g.who.language, "simple"), asked.split()
    questions = row(sql.QUESTIONS, words=parts, last=len(parts), config=language).questions
    text, values = [], {}
    for number, question in enumerate(questions):
        values[f"q{number}"] = question
        found = row(sql.LOOK, question=question, few=search.FEW + 1).ids
        if found is not None and len(found) <= search.FEW:
            values[f"ids{number}"] = found
            text.append(f"t.id = any(%(ids{number})s)")
        else:
            text.append(sql.WALK.format(f"%(q{number})s"))
    return Condition(" and ".join(text), values)


def _condition(filters: Filters) -> Condition:
    text, values = ["true"], {}
    if filters.view == "mine":
        text, values = ["t.assignee_id = %(me)s"], {"me": g.who.person_id}
    elif filters.view == "teams":
        text, values = ["t.team_id = any(%(teams)s)"], {"teams": list(g.who.teams)}
    elif filters.view == "unassigned":
        text = ["t.assignee_id is null"]
    elif filters.view == "us":
        text = ["t.activity_status = 'waiting-for-technician'"]
    elif filters.view == "waiting":
        text = ["t.status_id in (select id from statuses where kind = 'pending')"]
    if filters.shown_status == "not-closed":
        text.append("not t.closed")
    if filters.q:
        found = _words(filters.q)
        text.append(found.text)
        values |= found.values
    return Condition(" and ".join(text), values)


def tickets() -> str:
    """The list: its first page, by view and words."""
    filters = Filters.read(request.args, listing.default_view(g.who))
    where = _condition(filters)
    found = rows(sql.LIST.format(where.text), **where.values)
    shown = found[: listing.PAGE]
    here = _condition(Filters(view=filters.view))
    person = {"me": g.who.person_id, "teams": list(g.who.teams), "late": now() - timedelta(hours=8)}
    counts = row(sql.counts(here.text), **person | here.values)
    statuses = rows("select id, key, name, kind, tone from statuses order by position")
    looks = [words.status_look(s.kind, s.name, s.key, s.tone) for s in statuses]
    return render_template(
        "tickets/list.html",
        filters=filters,
        columns=STANDARD,
        heads=listing.heads([one for one in COLUMNS if one.standard], filters, NEWEST),
        all_columns=COLUMNS,
        own_fields={},
        sort=NEWEST.text,
        saved=[],
        current=None,
        categories=words.categories(),
        rows=shown,
        older=listing.position_of(shown[-1]) if len(found) > len(shown) else "",
        newer="",
        counts=counts._asdict(),
        statuses={
            s.id: SimpleNamespace(key=s.key, look=look, name=words.status_name(s.key, s.name))
            for s, look in zip(statuses, looks, strict=True)
        },
        turns={turn: words.turn_name(turn) for turn in ActivityStatus},
        priorities={level: words.priority_name(level) for level in Priority},
        view_names=listing.view_names(),
        chosen={"customer": "", "assignee": "", "team": "", "root_cause": ""},
        further=[],
        cap=listing.CAP,
    )


def _answered(messages: list[Any], facts: Any) -> Any:
    own = {found.address.lower() for found in rows("select address from mailboxes")}
    own |= set(config.current().desk_mailboxes)
    return recipients.answered(messages, facts, own, _known)


def _known(addresses: set[str], customer: int | None) -> set[str]:
    domains = [address.rpartition("@")[2] for address in addresses]
    return {found.known for found in rows(sql.KNOWN, addresses=list(addresses), domains=domains, customer=customer)}


def _talk(facts: Any, messages: list[Any]) -> tuple[list[Any], list[Any]]:
    files: dict[int, list[Any]] = {}
    for found in rows(sql.FILES, ids=[m.id for m in messages]):
        files.setdefault(found.message_id, []).append(found)
    items = [conversation.Item(at=m.sent_at, message=m, files=tuple(files.get(m.id, ()))) for m in messages]
    for event in rows(sql.EVENTS, ticket=facts.id, verbs=[*conversation.CHANGES, *conversation.CHAT])[::-1]:
        if event.verb in conversation.CHAT:
            happened = words.happened(event.verb)
            items.append(conversation.Item(at=event.at, actor=event.actor_name, event=happened, to=event.after))
            continue
        before, after = (words.value_name(event.verb, value) for value in (event.before, event.after))
        changed = (words.property_name(event.verb), before, after)
        items.append(conversation.Item(at=event.at, actor=event.actor_name, changed=changed))
    return conversation.folded(sorted(items, key=lambda item: item.at))


def _visits(ticket_id: int) -> tuple[list[Any], list[Any]]:
    """(those to come, those that are over or will not be), as the rail shows them."""
    found, moment = rows(sql.VISITS, ticket=ticket_id), now()
    coming = [visit for visit in found if visit.state != "cancelled" and visit.ends_at > moment]
    return coming, [visit for visit in reversed(found) if visit not in coming]


# What a page shows that no ticket of the measured company has.
_UNUSED: dict[str, Any] = {
    "default_kind": "reply",
    "answer": None,
    "worked": Worked(),
    "checklists": [],
    "ticked": (0, 0),
    "fields": [],
    "hidden": frozenset(),
    "devices": [],
    "links": [],
    "log": [],
}


def ticket(number: int) -> str:
    """The page of one ticket with at most 29 messages."""
    facts = row(sql.FACTS, number=number, me=g.who.person_id)
    messages = rows(sql.MESSAGES, ticket=facts.id)[::-1]
    statuses = rows("select id, key, name, kind, root_cause, tone from statuses order by position")
    status = next(one for one in statuses if one.id == facts.status_id)
    zone = g.who.timezone or config.current().timezone
    offers = pending_offers(zone)
    to, cc = _answered(messages, facts)
    coming, gone = _visits(facts.id)
    early, late = _talk(facts, messages)
    filters = Filters.read(request.args, listing.default_view(g.who))
    where = _condition(filters)
    beside = row(sql.NEIGHBOURS.format(where.text, where.text), at=facts.updated_at, id=facts.id, **where.values)
    return render_template(
        "tickets/ticket.html",
        ticket=facts,
        here=f"/tickets/{facts.number}",
        chat=page.running_chat(facts, g.who),
        look=words.status_look(status.kind, status.name, status.key, status.tone),
        status_word=words.status_name(status.key, status.name),
        family=Family(may_edit=not facts.owns_below or facts.assignee_id == g.who.person_id),
        tab="talk",
        early=early,
        late=late,
        opened=conversation.opened(messages),
        first=0,
        named_statuses=page.named(statuses, offers),
        pending_offers=offers,
        **_UNUSED,
        mails=rows(sql.MAILS, ticket=facts.id),
        categories=words.categories(),
        status=status,
        last_tickets=rows(sql.LAST, contact=facts.contact_id, id=facts.id),
        to=to,
        cc=cc,
        visits=coming,
        visits_gone=gone,
        own_zone=zone,
        filters=filters,
        newer=beside.newer,
        older=beside.older,
        view_name=listing.view_names()[filters.view],
    )


def create_app() -> Flask:
    """The limit app with the settings of this process."""
    app = Flask("backend", static_folder="ui/static", static_url_path="/static")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    i18n.install(app)
    for name in VIEWS:  # for their templates, filters and addresses
        app.register_blueprint(importlib.import_module(name).blueprint)
    views: dict[str, Callable[..., str]] = {
        "tickets.tickets": tickets,
        "tickets.ticket": ticket,
        "addin.show_item": pane,
    }
    app.view_functions = dict(views)
    app.before_request(_admit)
    app.teardown_request(_leave)
    app.jinja_env.globals["csrf_token"] = auth.csrf_token
    app.context_processor(lambda: {"who": g.get("who")})
    return app


class _Server(BaseApplication):  # type: ignore[misc]
    def load_config(self) -> None:
        ours = serve.settings(config.current(), nursery=False)
        for name, value in ours.items():
            if name != "post_fork":  # of the ORM's connections
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app()


if __name__ == "__main__":
    _Server().run()
