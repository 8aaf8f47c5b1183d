"""The demo company is whole: what its rows say fits together."""

import random
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend import clock, files
from backend.auth import SYSTEM
from backend.chat.models import Chat
from backend.checklists.models import Checklist, ChecklistItem, ChecklistTemplate
from backend.db import session
from backend.demo.load import load
from backend.demo.visiting import PLANS, Free
from backend.mail.models import InboundMail, OutboundMail
from backend.mail.parse import parse
from backend.orders.models import Order, OrderDocument, OrderStatus
from backend.people.models import Customer, Identity, Person, customer_by_domain, person_by_address, technicians
from backend.sandbox import people as tenant
from backend.textmodules.actions import Wording, write
from backend.textmodules.gaps import named_in, open_gaps
from backend.textmodules.models import ModuleKind, TextModule, text_modules_visible_to
from backend.tickets.models import (
    Activity,
    ActivityStatus,
    Attachment,
    Kind,
    Message,
    Status,
    StatusKind,
    Ticket,
)
from backend.tickets.search import matches
from backend.visits import times
from backend.visits.models import Visit, VisitEvent
from backend.worklog.models import TimeEntry

pytestmark = pytest.mark.slow


def _count(table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_it_is_all_there_once(demo: None) -> None:
    counts = {table: _count(table) for table in (Customer, Order, Ticket, Message)}
    assert not load()
    assert counts == {table: _count(table) for table in counts}
    assert (counts[Customer], counts[Order], counts[Ticket]) == (40, 300, 655)
    contacts = session.scalars(select(Person).where(Person.customer_id.is_not(None))).all()
    assert len(contacts) == 200
    assert {contact.language for contact in contacts} == {"de", "en", "es", "fr", "it"}


def test_staff_sign_in_with_the_accounts_of_the_sandbox(demo: None) -> None:
    assert {person.name for person in session.scalars(technicians())} >= {"Piet Hagenauer", "Lena Brandis"}
    for account in tenant.PEOPLE:
        if account.roles:
            identity = session.get_one(Identity, (account.tenant, account.id))
            assert session.get_one(Person, identity.person_id).roles == list(account.roles)


def test_one_sender_is_known_by_the_domain_only_and_one_not_at_all(demo: None) -> None:
    kolja, bernd = "kolja.ahrend@spedition-holmrath.example", "buero@quastner.example"
    assert person_by_address(kolja) is None
    assert person_by_address(bernd) is None
    found = customer_by_domain(kolja)
    assert found is not None
    assert found.name == "Spedition Holmrath"
    assert customer_by_domain(bernd) is None


def test_every_ticket_keeps_its_invariants(demo: None) -> None:
    statuses = {status.id: status for status in session.scalars(select(Status))}
    seen: Counter[str] = Counter()
    for ticket in session.scalars(select(Ticket)):
        messages = session.scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)).all()
        log = session.scalars(select(Activity).where(Activity.ticket_id == ticket.id).order_by(Activity.id)).all()
        status = statuses[ticket.status_id]
        seen[status.key] += 1
        assert ticket.messages_count == len(messages)
        assert ticket.closed == (status.kind == StatusKind.CLOSED)
        assert [entry.verb for entry in log].count("opened") == 1
        assert sum(entry.verb in set(Kind) for entry in log) == len(messages)
        times = [message.sent_at for message in messages]
        assert times == sorted(times)
        assert ticket.created_at <= times[0]
        assert ticket.updated_at == max(entry.at for entry in log) <= clock.now()
        if len(messages) == 1 and ticket.assignee_id is None:
            assert ticket.activity_status == ActivityStatus.UNREAD
        changes = [entry for entry in log if entry.verb == "status"]
        assert not changes or changes[-1].after == (status.name or status.key)
    assert set(seen) == {"open", "pending", "manufacturer", "resolved", "closed"}


def test_a_conversation_has_one_to_nine_messages(demo: None) -> None:
    counts = set(session.scalars(select(Ticket.messages_count)))
    assert (min(counts), max(counts)) == (1, 9)


def test_mentions_name_people_who_are_there(demo: None) -> None:
    names = {person.name for person in session.scalars(select(Person)) if person.is_staff}
    notes = session.scalars(select(Message.text).where(Message.kind == Kind.NOTE)).all()
    mentioned = {found for text in notes for found in re.findall(r"@(\w+ \w+)", text)}
    assert mentioned
    assert mentioned <= names


def test_order_totals_add_up_and_status_fits_what_was_delivered(demo: None) -> None:
    for order in session.scalars(select(Order).options(selectinload(Order.lines))):
        assert order.total == sum((line.quantity * line.price for line in order.lines), Decimal(0))
        left = sum(line.open_quantity for line in order.lines)
        came = sum(line.delivered for line in order.lines)
        assert {
            OrderStatus.OPEN: came == 0,
            OrderStatus.PARTIAL: came > 0 and left > 0,
            OrderStatus.DELIVERED: left == 0,
            OrderStatus.INVOICED: left == 0,
            OrderStatus.CANCELLED: came == 0,
        }[OrderStatus(order.status)], order.number
        if left and order.status != OrderStatus.CANCELLED:
            assert all(line.due_on for line in order.lines if line.open_quantity)


def test_every_file_can_be_read(demo: None) -> None:
    documents = session.scalars(select(OrderDocument)).all()
    assert len(documents) > 60
    for document in documents:
        content = files.read(document.sha256)
        assert content.startswith(b"%PDF-")
        assert len(content) == document.size
    for attachment in session.scalars(select(Attachment)):
        assert len(files.read(attachment.sha256)) == attachment.size > 0


def test_mails_have_their_originals_and_their_thread(demo: None) -> None:
    for came in session.scalars(select(InboundMail)):
        original = parse(files.read(came.original))
        assert original.internet_message_id == came.internet_message_id
        assert original.content_hash == came.content_hash
        assert original.from_ is not None
        assert original.from_.address == came.from_address
    known = set(session.scalars(select(InboundMail.internet_message_id)))
    known |= set(session.scalars(select(OutboundMail.internet_message_id)))
    called = set(session.scalars(select(Ticket.id).where(Ticket.source == "desk")))  # by telephone: no mail to answer
    for sent in session.scalars(select(OutboundMail)):
        assert sent.in_reply_to in known or (not sent.in_reply_to and sent.ticket_id in called)


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("Druckkopf", "Etikettendrucker an Rampe A: jedes fünfte Etikett weiß"),
        ("Ersatzstrecke", "Warenwirtschaft nicht erreichbar aus Werk 2"),
        ("Tollkien", "Praktikum im Frühjahr?"),
    ],
)
def test_search_finds_what_was_said(demo: None, words: str, subject: str) -> None:
    assert subject in session.scalars(select(Ticket.subject).where(matches(SYSTEM, words))).all()


def test_the_board_is_not_empty(demo: None) -> None:
    visits = session.scalars(select(Visit)).all()
    assert len(visits) > len(PLANS) + 60
    subjects = set(session.scalars(select(Ticket.subject)))
    for plan in PLANS:
        assert not plan.about or plan.about in subjects, plan.about
    now = clock.now()
    coming = [visit for visit in visits if visit.starts_at > now - timedelta(days=7) and visit.state == "planned"]
    assert len(coming) > 12
    assert len({visit.technician_id for visit in coming}) >= 4
    for visit in visits:
        assert visit.starts_at < visit.ends_at
        assert times.moment(visit.start, visit.timezone) == visit.starts_at
        assert visit.kind != "on-site" or visit.place
    events = session.scalars(select(VisitEvent)).all()
    assert {event.visit_id for event in events} == {v.id for v in visits if v.published == "waiting"}


def test_nobody_is_at_two_visits_at_once_where_it_is_not_told_so(demo: None) -> None:
    told = {(plan.who, plan.day) for plan in PLANS}
    assert len(told) > 15
    free = Free()
    rng = random.Random(1)
    found = [free.find("piet", 0, 60, rng) for _visit in range(9)]
    taken = [one for one in found if one is not None]
    assert len(set(taken)) == len(taken) < 9
    assert all(end <= "13:00" or start >= "15:30" for start, end in taken)  # where one is told by hand


def test_work_is_written_down_and_billed_by_the_month(demo: None) -> None:
    entries = session.scalars(select(TimeEntry)).all()
    assert len(entries) > 1_000
    assert {entry.kind for entry in entries} >= {"billable", "contract", "goodwill"}
    with_contract = set(session.scalars(select(Ticket.id).where(Ticket.contract_id.is_not(None))))
    assert all(entry.ticket_id in with_contract for entry in entries if entry.kind == "contract")
    assert any(entry.billed_at for entry in entries)
    assert all((entry.rate is None) == (entry.kind != "billable") for entry in entries)


def test_chats_are_over_and_on_tickets_of_those_who_wrote(demo: None) -> None:
    chats = session.scalars(select(Chat)).all()
    assert len(chats) == 8
    for chat in chats:
        ticket = session.get_one(Ticket, chat.ticket_id)
        lines = session.scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)).all()
        assert {line.channel for line in lines} == {"teams"}
        assert (ticket.source, ticket.contact_id, lines[0].author_id) == ("teams", chat.contact_id, chat.contact_id)
        assert chat.state == "ended"
        assert chat.ended_at == ticket.updated_at


def test_texts_are_filled_and_there_is_work_of_every_age(demo: None) -> None:
    assert not session.scalars(select(Message.id).where(Message.text.regexp_match(r"\{[a-zA-Z_]+\}"))).all()
    now = clock.now()
    opened = session.scalars(select(Ticket.created_at).where(~Ticket.closed)).all()
    assert 60 < len(opened) < 240
    assert sum(now - at < timedelta(days=3) for at in opened) > 20
    languages = Counter(session.scalars(select(Person.language).join(Ticket, Ticket.contact_id == Person.id)))
    assert set(languages) >= {"de", "en", "es", "fr", "it"}
    assert min(languages[one] for one in ("de", "en", "es", "fr", "it")) >= 40


def test_there_are_text_modules_of_every_kind_as_one_would_write_them(demo: None) -> None:
    """Shared and own ones, with placeholders and gaps, and answers in each language that the customers speak."""
    modules = session.scalars(select(TextModule)).all()
    assert {module.kind for module in modules if module.shared} == set(ModuleKind)
    assert len([module for module in modules if not module.shared]) >= 3
    assert {module.language for module in modules if module.kind == ModuleKind.REPLY} >= {"de", "en", "es", "fr", "it"}
    assert all(open_gaps(module.text) for module in modules if module.kind == ModuleKind.NEW_TICKET)
    assert len({name for module in modules for name in named_in(module.text)}) > 15
    piet = session.scalars(technicians().where(Person.name == "Piet Hagenauer")).one()
    assert any(not module.shared for module in session.scalars(text_modules_visible_to(piet.who())))
    for module in modules:  # every one of them could have been written on the page
        fields = {name: getattr(module, name) for name in ("name", "text", "kind", "language", "category", "words")}
        write(SYSTEM if module.shared else session.get_one(Person, module.owner_id).who(),
              Wording(**fields, shared=module.shared))  # fmt: skip


def test_there_are_templates_of_checklists_and_tickets_that_carry_some(demo: None) -> None:
    templates = {template.name: template for template in session.scalars(select(ChecklistTemplate))}
    assert len(templates) >= 7
    assert {template.in_order for template in templates.values()} == {True, False}
    lists = session.scalars(select(Checklist)).all()
    assert len(lists) > 30
    assert {each.name for each in lists} <= set(templates)
    for each in lists:
        items = session.scalars(
            select(ChecklistItem).where(ChecklistItem.checklist_id == each.id).order_by(ChecklistItem.position)
        ).all()
        assert [item.text for item in items] == templates[each.name].items
        assert any(item.done_at for item in items)
        log = session.scalars(select(Activity.verb).where(Activity.ticket_id == each.ticket_id)).all()
        assert log.count("checklist_item_ticked") == sum(item.done_at is not None for item in items)
