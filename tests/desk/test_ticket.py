"""One ticket in the browser: what is shown, said and changed."""

import io
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import clock
from backend.db import session
from backend.mail.models import OutboundMail
from backend.tickets.models import Activity, Attachment, Message, Status, Ticket
from backend.tickets.views.log import LOGGED
from tests.desk.conftest import Desk, stranger

pytestmark = pytest.mark.slow


def test_the_page_shows_conversation_properties_and_contact(desk: Desk) -> None:
    page = desk.page(f"/tickets/{desk.ticket}")
    writers = [str(who.text) for who in page.select(".msg .who")]
    assert writers == ["Jana Wiedekind", "Aylin Demirsoy", "Jana Wiedekind"]
    assert len(page.select(".msg-note")) == 1
    opened = [fold["id"] for fold in page.select(".fold-msg[open]")]
    newest = page.select(".fold-msg")[-1]["id"]
    assert newest in opened
    assert page.select(".fold-msg")[0]["id"] not in opened
    rail = page.select_one(".rail").text  # type: ignore[union-attr]
    for word in ("Open", "Medium", "Incident", "Möbelwerk Tressow", "Jana Wiedekind"):
        assert word in rail


def test_a_mails_html_is_shown_without_its_colours_and_nothing_of_it_acts(desk: Desk) -> None:
    page = desk.page(f"/tickets/{desk.ticket}")
    shown = page.select(".msg-html")[-1]
    assert shown.select_one("b").text == "Kopf prüfen"  # type: ignore[union-attr]
    assert not page.select("[style], script:not([src])")
    assert "protokoll <b>.txt" in page.text


def test_files_of_strangers_are_saved_and_never_run(desk: Desk) -> None:
    with desk.world.rows():
        number = session.scalars(select(Attachment.id).where(Attachment.name == "bild.svg")).one()
    answer = desk.browser.get(f"/attachments/{number}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_an_answer_without_any_recipient_goes_to_nobody(desk: Desk) -> None:
    page = desk.page(f"/tickets/{desk.ticket}")
    form = {i["name"]: i["value"] for i in page.select(".composer > input[type=hidden]")}
    answer = desk.browser.post(f"/tickets/{desk.ticket}/messages", data={**form, "kind": "reply", "text": "An wen?"})
    assert answer.status_code == 422
    with desk.world.rows():
        assert session.scalar(select(Message).where(Message.text == "An wen?")) is None


def test_an_answer_goes_to_all_who_take_part_and_stands_on_the_ticket(desk: Desk) -> None:
    page = desk.page(f"/tickets/{desk.ticket}")
    offered = {i["name"]: i["value"] for i in page.select(".composer [data-recipients] input")}
    assert offered == {
        "to": "Jana Wiedekind <jana.wiedekind@moebelwerk-tressow.example>",
        "cc": "Torben Lasch <torben.lasch@moebelwerk-tressow.example>",
    }
    form = {"kind": "reply", "text": "Wir kommen.", "status": "pending", "token": "t-1", **offered}
    for _twice in range(2):
        sent = {**form, "files": (io.BytesIO(b"abc"), "../../plan.txt")}
        answer = desk.browser.post(f"/tickets/{desk.ticket}/messages", data=sent)
        assert answer.status_code == 204
        assert "ticket:" in answer.headers["HX-Trigger"]
    with desk.world.rows():
        message = session.scalars(select(Message).where(Message.text == "Wir kommen.")).one()
        assert [p["address"] for p in message.to] == ["jana.wiedekind@moebelwerk-tressow.example"]
        assert [p["name"] for p in message.cc] == ["Torben Lasch"]
        assert session.scalars(select(Attachment.name).where(Attachment.message_id == message.id)).all() == ["plan.txt"]
    page = desk.page(f"/tickets/{desk.ticket}")
    assert "Wir kommen." in page.select(".msg-mine")[-1].text
    assert "Pending" in page.select_one(".ticket-title .pill").text  # type: ignore[union-attr]


def test_a_note_stays_inside(desk: Desk) -> None:
    with desk.world.rows():
        before = session.query(OutboundMail).count()
    data = {"kind": "note", "text": "nur für uns", "to": "jana.wiedekind@moebelwerk-tressow.example"}
    assert desk.browser.post(f"/tickets/{desk.ticket}/messages", data=data).status_code == 204
    desk.world.work()
    with desk.world.rows():
        assert session.scalars(select(Message.kind).where(Message.text == "nur für uns")).one() == "note"
        assert session.query(OutboundMail).count() == before


def test_what_cannot_be_sent_is_refused_with_a_sentence(desk: Desk) -> None:
    for form, sentence in (
        ({"kind": "reply", "text": "  "}, "no text"),
        ({"kind": "reply", "text": "x", "to": "keine adresse"}, "e-mail address"),
        ({"kind": "note", "text": "x", "status": "gone"}, "no such status"),
    ):
        answer = desk.browser.post(f"/tickets/{desk.ticket}/messages", data=form, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert sentence in answer.text
    with desk.world.rows():
        assert session.query(Message).count() == 3


def test_a_property_is_changed_in_place_and_taken_back(desk: Desk) -> None:
    for name, value in (
        ("status", "resolved"),
        ("priority", "high"),
        ("impact", "site"),
        ("type", "request"),
        ("category", "Hardware"),
        ("product_family", "Kassen"),
        ("subject", "Drucker <b>tot</b>"),
    ):
        before = desk.row(desk.ticket)
        answer = desk.browser.post(f"/tickets/{desk.ticket}/{name}", data={"value": value})
        assert answer.status_code == 200
        assert "Drucker <b>" not in answer.text
        column = "status_id" if name == "status" else name
        assert getattr(desk.row(desk.ticket), column) != getattr(before, column)
        undo = re.search(r'name="value" value="([^"]*)"', answer.text)
        assert undo is not None
        desk.browser.post(f"/tickets/{desk.ticket}/{name}", data={"value": undo[1]})
        assert getattr(desk.row(desk.ticket), column) == getattr(before, column)
        with desk.world.rows():
            assert session.query(Activity).filter_by(verb=name).count() == 2
    assert desk.browser.post(f"/tickets/{desk.ticket}/id", data={"value": "1"}).status_code == 404


def test_the_product_family_is_chosen_logged_and_shown(desk: Desk) -> None:
    def rail() -> str:
        rows = desk.page(f"/tickets/{desk.ticket}").select_one("#rail-properties dl")
        return " ".join(rows.get_text(" ").split()) if rows else ""

    assert "Product family Not set" in rail()
    assert "Activity Waits for us" in rail()
    answer = desk.browser.post(f"/tickets/{desk.ticket}/product_family", data={"value": "Kassen <b>"})
    assert answer.status_code == 200
    assert "Product family Kassen <b>" in rail()
    assert "Activity Waits for us" in rail()
    log = desk.page(f"/tickets/{desk.ticket}?tab=activity").select_one(".activity")
    assert log is not None
    assert "Piet Hagenauer changed “Product family”: – → Kassen <b>" in " ".join(log.get_text().split())
    desk.browser.post("/list/columns", data={"column": ["product_family"], "sort": "", "query": ""})
    assert "Kassen <b>" in desk.page("/tickets?view=all").select_one(f"#t{desk.ticket}").text  # type: ignore[union-attr]
    form = {
        "subject": "Neue Kasse", "customer": desk.customer.id, "contact": desk.jana.id, "category": "Hardware",
        "text": "Bitte", "type": "request", "kind": "note", "product_family": "Kassen",
    }  # fmt: skip
    assert desk.page("/tickets/new").select_one("input[name=product_family]:not([required])") is not None
    made = desk.browser.post("/tickets", data=form)
    assert desk.row(int(made.headers["Location"].rpartition("/")[2])).product_family == "Kassen"


def test_people_teams_and_orders_are_offered_and_chosen(desk: Desk) -> None:
    choices = desk.page(f"/tickets/{desk.ticket}/assignable?for=assignee")
    assert "Aylin Demirsoy" in choices.text
    assert "Jana Wiedekind" not in choices.text
    desk.browser.post(f"/tickets/{desk.ticket}/assignee", data={"value": str(desk.aylin.id)})
    assert desk.row(desk.ticket).assignee_id == desk.aylin.id
    refused = desk.browser.post(f"/tickets/{desk.ticket}/assignee", data={"value": str(desk.jana.id)})
    assert refused.status_code == 422
    svea = stranger(desk.world)
    desk.browser.post(f"/tickets/{desk.ticket}/contact", data={"value": str(svea.id)})
    assert desk.row(desk.ticket).customer_id == svea.customer_id


def test_opening_marks_as_read_by_a_request_of_its_own(desk: Desk) -> None:
    number = desk.open("Neu")
    page = desk.page(f"/tickets/{number}")
    assert desk.row(number).activity_status == "unread"  # reading a page changes nothing
    desk.browser.post(str(page.select_one("#seen")["hx-post"]))  # type: ignore[index]
    assert desk.row(number).activity_status == "read"


def test_neighbours_are_those_of_the_list_it_was_opened_from(desk: Desk) -> None:
    second, third = desk.open("Zwei", assignee=desk.piet), desk.open("Drei")
    page = desk.page(f"/tickets/{second}?view=all")
    above, below = (page.select_one(f'a[data-key^="{key} "]')["href"] for key in "kj")  # type: ignore[index]
    assert (above, below) == (f"/tickets/{third}?view=all", f"/tickets/{desk.ticket}?view=all")
    alone = desk.page(f"/tickets/{second}?view=mine")
    assert not alone.select('a[data-key^="k "], a[data-key^="j "]')


def test_long_conversations_fold_and_the_oldest_are_fetched_when_asked_for(desk: Desk) -> None:
    desk.note_all([f"Notiz {number}" for number in range(40)])
    page = desk.page(f"/tickets/{desk.ticket}")
    assert len(page.select(".fold-msg")) == 30
    assert len(page.select("#early .fold-msg")) == 25
    desk.browser.post(f"/tickets/{desk.ticket}/priority", data={"value": "high"})  # stands after all of them
    older = desk.page(str(page.select_one("[hx-get*=older]")["hx-get"]))  # type: ignore[index]
    assert len(older.select(".fold-msg")) == 13
    assert not older.select(".sysline")


def test_no_number_breaks_a_page(desk: Desk) -> None:
    beyond = 10**25
    for path in (
        f"/tickets/{beyond}", f"/tickets/{beyond}/preview", f"/attachments/{beyond}", f"/messages/{beyond}/original",
        f"/contacts/{beyond}", f"/order-documents/{beyond}", f"/tickets/{desk.ticket}/choices/none",
    ):  # fmt: skip
        assert desk.browser.get(path).status_code == 404, path
    for path in (
        f"/tickets/{desk.ticket}/older?before={beyond}", f"/people/find?ticket={beyond}",
        f"/tickets/new?contact={beyond}", f"/people/find?customer=-{beyond}", "/customers?after=a|²",
        "/orders?after=2026-01-01.x",
    ):  # fmt: skip
        assert desk.browser.get(path).status_code == 200, path


def test_the_number_of_queries_does_not_grow_with_the_messages(desk: Desk) -> None:
    def cost() -> int:
        with desk.counted() as queries:
            desk.page(f"/tickets/{desk.ticket}?view=all")
        return len(queries)

    few = cost()
    desk.note_all([f"Notiz {number}" for number in range(15)])
    desk.open_all([f"Nummer {number}" for number in range(8)])
    assert cost() == few
    # Session, teams, facts, neighbours, messages, files, mentions, events, statuses, last tickets, mailboxes, visits,
    # settings.
    assert few <= 13


def test_activity_tells_who_did_what(desk: Desk) -> None:
    desk.browser.post(f"/tickets/{desk.ticket}/priority", data={"value": "high"})
    lines = [
        " ".join(line.text.split()) for line in desk.page(f"/tickets/{desk.ticket}?tab=activity").select(".sysline")
    ]
    assert any(line.startswith("Piet Hagenauer changed “Priority”: Medium → High") for line in lines)
    assert any(line.startswith("Jana Wiedekind opened the ticket by e-mail") for line in lines)


@pytest.mark.slow
def test_a_failed_mail_says_why_and_is_tried_again(desk: Desk) -> None:
    desk.world.run("mail.sweep")
    data = {"kind": "reply", "text": "Geht nicht hinaus", "to": "jana.wiedekind@moebelwerk-tressow.example"}
    desk.browser.post(f"/tickets/{desk.ticket}/messages", data=data)
    desk.world.misbehave("POST .*messages.*", status=403, times=50)
    desk.world.work()
    page = desk.page(f"/tickets/{desk.ticket}")
    failed = page.select_one(".msg-mine .notice-bad")
    assert failed is not None
    assert "Not sent" in failed.text
    desk.world.sandbox.delete("/_sandbox/faults")
    again = str(failed.select_one("form")["hx-post"])  # type: ignore[index]
    assert desk.browser.post(again).status_code == 204
    desk.world.work()
    assert desk.page(f"/tickets/{desk.ticket}").select_one(".msg-mine .notice-bad") is None
    assert len(desk.world.sent()) == 1


def test_a_mail_that_does_not_go_out_says_so_while_it_is_tried_again(desk: Desk) -> None:
    data = {"kind": "reply", "text": "Hängt", "to": "jana.wiedekind@moebelwerk-tressow.example"}
    desk.browser.post(f"/tickets/{desk.ticket}/messages", data=data)
    assert "Sending" in desk.page(f"/tickets/{desk.ticket}").select_one(".msg-mine .sent").text  # type: ignore[union-attr]
    desk.world.pass_time(timedelta(minutes=2))
    assert "tried again" in desk.page(f"/tickets/{desk.ticket}").select_one(".msg-mine .sent").text  # type: ignore[union-attr]


def test_a_ticket_by_hand_names_what_is_missing_and_opens_once(desk: Desk) -> None:
    refused = desk.browser.post("/tickets", data={"subject": "Anruf"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert {"customer", "contact", "category", "text"} <= set(re.findall(r'data-field="(\w+)"', refused.text))
    form = {
        "subject": "Anruf: Maus klemmt", "customer": str(desk.customer.id), "contact": str(desk.jana.id),
        "category": "Hardware", "text": "Die Maus klemmt.", "token": "once", "kind": "call", "type": "request",
    }  # fmt: skip
    answers = [desk.browser.post("/tickets", data=form) for _twice in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with desk.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.subject == "Anruf: Maus klemmt")).one()
        assert (ticket.type, ticket.category, ticket.customer_id) == ("request", "Hardware", desk.customer.id)
        assert session.scalars(select(Message.kind).where(Message.ticket_id == ticket.id)).one() == "call"


@pytest.mark.parametrize(("kind", "waits"), [("call", "technician"), ("reply", "contact")])
def test_a_call_taken_waits_for_us_and_a_mail_to_the_customer_for_them(desk: Desk, kind: str, waits: str) -> None:
    form = {
        "subject": "Maus klemmt", "customer": str(desk.customer.id), "contact": str(desk.jana.id), "type": "incident",
        "category": "Hardware", "text": "Sie klemmt.", "kind": kind,
    }  # fmt: skip
    number = int(desk.browser.post("/tickets", data=form).headers["Location"].rsplit("/", 1)[1])
    with desk.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert ticket.activity_status == f"waiting-for-{waits}"
    rows = desk.page("/tickets?view=all&attention=us").select("tr[data-row]")
    assert (f"t{number}" in [row["id"] for row in rows]) == (kind == "call")
    if kind == "call":
        desk.browser.post(f"/tickets/{number}/messages", data={"kind": "call", "text": "Rückruf: sie hat probiert."})
        with desk.world.rows():
            ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            assert ticket.activity_status == "waiting-for-contact"


def test_facts_written_while_creating_stand_on_top_of_the_ticket(desk: Desk) -> None:
    form = {
        "subject": "Maus klemmt", "customer": str(desk.customer.id), "contact": str(desk.jana.id), "type": "incident",
        "category": "Hardware", "text": "Sie klemmt.", "kind": "call",
    }  # fmt: skip
    for names, values, said in (
        (["Gerät"], [""], "a name and a value are needed"),
        (["Gerät", "Gerät"], ["a", "b"], "is there twice"),
        (["x" * 61], ["a"], "At most 60 characters"),
        ([str(number) for number in range(21)], ["a"] * 21, "At most 20 of them"),
    ):
        refused = desk.browser.post(
            "/tickets", data={**form, "fact_name": names, "fact_value": values}, headers={"HX-Request": "true"}
        )
        assert refused.status_code == 422
        assert said in BeautifulSoup(refused.text, "lxml").text
    facts = {"fact_name": ["Gerät", "", "<b>Nr.</b>"], "fact_value": ["Maus M1", "", "4711"]}
    made = desk.browser.post("/tickets", data={**form, **facts})
    summary = desk.page(made.headers["Location"]).select_one(".summary-facts")
    assert summary is not None
    assert [one.text for one in summary.select("dt, dd")] == ["Gerät", "Maus M1", "<b>Nr.</b>", "4711"]


def test_what_is_open_already_of_the_caller_is_shown_before_a_second_is_opened(desk: Desk) -> None:
    address = "/tickets/new/open"
    numbers = [desk.ticket, *desk.open_all([f"Matter {number}" for number in range(6)])]
    with desk.world.rows():
        closed = session.scalars(select(Status).where(Status.kind == "closed")).one()
        gone = session.scalars(select(Ticket).where(Ticket.number == numbers[-1])).one()
        gone.closed, gone.status_id = True, closed.id
    links = desk.page(f"{address}?contact={desk.jana.id}").select("a")
    shown = [(link["href"], link["target"], link["rel"]) for link in links]
    assert shown == [(f"/tickets/{number}", "_blank", ["noopener"]) for number in numbers[-2:-7:-1]]
    assert desk.page(f"/tickets/new?contact={desk.jana.id}").select(".open-already a[href]")
    slot = desk.page("/tickets/new").select_one(".open-slot")
    assert slot is not None
    assert (slot["hx-get"], slot.select("a")) == (address, [])
    for nobody in ("", f"?contact={desk.aylin.id}", "?contact=-1", "?contact=99999999999", "?contact=x"):
        assert desk.page(f"{address}{nobody}").select("a") == []
    assert desk.world.browser(desk.jana).get(f"{address}?contact={desk.jana.id}").status_code == 403


def test_a_customer_cannot_use_the_desk(desk: Desk) -> None:
    browser = desk.world.browser(desk.jana)
    for path in ("/tickets", f"/tickets/{desk.ticket}", "/orders", "/customers", f"/contacts/{desk.jana.id}"):
        assert browser.get(path).status_code == 403
    data = {"kind": "note", "text": "x"}
    assert browser.post(f"/tickets/{desk.ticket}/messages", data=data).status_code == 403


def test_the_log_is_read_to_its_beginning_however_long(desk: Desk) -> None:
    with desk.world.rows():
        ticket = desk.row(desk.ticket)
        session.add_all(
            Activity(
                ticket_id=ticket.id, verb="category", actor_name="Piet", before="", after=f"K{each}", at=clock.now()
            )
            for each in range(LOGGED * 2)
        )
    page, seen = desk.page(f"/tickets/{desk.ticket}?tab=activity"), list[str]()
    pane = desk.page(f"/tickets/{desk.ticket}/activity")
    assert [one["id"] for one in page.select("details[id^=log-]")] == [one["id"] for one in pane.select("details")]
    for _each in range(5):
        seen += [line.get_text(" ", strip=True) for line in page.select(".sysline")]
        more = page.select("details[id^=log-]")
        if not more:
            break
        page = desk.page(str(more[0]["hx-get"]))
    lines = [line for line in seen if "changed “Category”" in line]
    assert [line.split("→ ")[1].split()[0] for line in lines] == [f"K{each}" for each in reversed(range(LOGGED * 2))]
    assert "opened the ticket" in seen[-1]
    assert desk.browser.get(f"/tickets/{desk.ticket}/activity?before=x").status_code == 200


def test_a_ticket_that_is_none_of_the_teams_does_not_say_so(desk: Desk) -> None:
    form = {"subject": "Anruf", "customer": desk.customer.id, "contact": desk.jana.id, "category": "Hardware",
            "text": "Die Maus klemmt", "type": "incident", "kind": "call"}  # fmt: skip
    made = desk.browser.post("/tickets", data=form)
    assert made.status_code == 303, made.text

    def stands() -> str:
        return desk.page(made.headers["Location"]).select(".ticket-head .row .t12")[0].text

    assert stands() == "in All open"
    number = int(made.headers["Location"].rpartition("/")[2])
    desk.browser.post(f"/tickets/{number}/team", data={"value": str(desk.team)})
    assert stands() == "in My teams"
    assert desk.page(f"/tickets/{number}?view=mine").select(".ticket-head .row .t12")[0].text == "in Mine"
