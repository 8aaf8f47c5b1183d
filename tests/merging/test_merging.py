"""Merging: one conversation, both numbers lead to it, and each merge can be taken back by itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from backend.db import session
from backend.mail.models import InboundMail, OutboundMail
from backend.tickets.models import Message, Ticket
from tests.merging.conftest import Desk
from tests.world import JANA, mail

pytestmark = pytest.mark.slow


def tickets() -> int:
    return session.scalar(select(func.count()).select_from(Ticket)) or 0


def test_the_conversation_goes_on_in_one_ticket_and_the_other_keeps_number_and_log(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    answer = desk.merge(a, b)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/tickets/{b}?merged={a}")
    assert desk.texts(b) == ["Drucker klemmt", "Papierstau"]
    assert desk.texts(a) == []
    source, target = desk.row(a), desk.row(b)
    assert (source.messages_count, target.messages_count) == (0, 2)
    assert source.closed
    assert source.merged_into_id == target.id
    assert not target.closed
    assert desk.verbs(a)[-2:] == ["status", "merged"]
    assert desk.verbs(b)[-1] == "merged_from"
    assert desk.finds("klemmt: bitte") == [b]
    led = desk.browser.get(f"/tickets/{a}")
    assert (led.status_code, led.headers["Location"]) == (302, f"/tickets/{b}?view=mine&merged={a}") or (
        f"/tickets/{b}?" in led.headers["Location"] and f"merged={a}" in led.headers["Location"]
    )
    page = desk.browser.get(f"/tickets/{b}?merged={a}").text
    assert f"#{a} is merged into this ticket." in page
    assert f'hx-post="/tickets/{a}/unmerge"' in page
    assert "make a ticket of it" not in page.lower()
    log = desk.browser.get(f"/tickets/{b}?tab=activity").text
    assert f"#{a}: Jana Wiedekind" in log
    assert f"merged this ticket into #{b}" in log


def test_an_open_page_of_a_merged_ticket_says_so_and_nothing_typed_there_is_lost_or_sent(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    kept = desk.browser.post(f"/drafts/ticket:{a}", data={"text": "Bitte einmal"})
    assert kept.status_code < 300
    desk.merge(a, b)
    page = desk.browser.get(f"/tickets/{a}", headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert f"This ticket is merged into #{b}." in page.text
    said = desk.browser.post(
        f"/tickets/{a}/messages", data={"kind": "note", "text": "Getippt"}, headers={"HX-Request": "true"}
    )
    assert said.status_code == 409
    assert f"#{a} is merged into #{b}. Please go on there." in said.text
    assert desk.browser.get(f"/drafts/ticket:{b}").get_json()["text"] == "Bitte einmal"


def test_mail_to_each_number_of_a_chain_lands_where_it_goes_on(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    desk.merge(a, b)
    desk.merge(b, c)
    assert desk.row(a).merged_into_id == desk.row(b).merged_into_id == desk.row(c).id
    for number in (a, b, c):
        desk.arrives(mail(subject=f"Nachtrag [#{number}]", text=f"an {number}: noch etwas"))
        # An answer to the confirmation of each, which is signed, and one to the customer's own first mail.
        with desk.world.rows():
            id_ = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
            sent = session.scalars(select(OutboundMail).where(OutboundMail.ticket_id == id_)).first()
        assert sent is not None
        ours, theirs = sent.exchange_message_id or sent.internet_message_id, desk.mails[number]
        desk.arrives(mail(subject="Danke", text=f"ack {number}: danke", in_reply_to=ours))
        desk.arrives(mail(subject="Danke", text=f"own {number}: danke", in_reply_to=theirs))
    # An older reference counts under the subject of the merged one, too.
    old = f"{desk.mails[a]} <unknown@moebelwerk-tressow.example>"
    desk.arrives(mail(subject="AW: Drucker klemmt", text="older: noch einmal", references=old))
    with desk.world.rows():
        assert tickets() == 3
    assert len(desk.texts(c)) == 3 + 9 + 1
    assert desk.texts(a) == desk.texts(b) == []


def test_each_merge_of_a_chain_is_undone_by_itself(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    before = desk.row(b).status_id
    desk.merge(a, b)
    desk.merge(b, c)
    desk.arrives(mail(subject=f"Nachtrag [#{a}]", text="spaeter: noch etwas"))
    desk.unmerge(a)  # the innermost, while b stays merged
    assert (desk.texts(a), desk.texts(b)) == (["Drucker klemmt"], [])
    assert desk.texts(c) == ["Papierstau", "Toner leer", "spaeter"]
    assert desk.row(a).merged_into_id is None
    assert desk.row(b).merged_into_id == desk.row(c).id
    desk.merge(a, c)
    desk.unmerge(b)  # a is on c by a merge of its own now: it stays
    assert (desk.texts(a), desk.texts(b)) == ([], ["Papierstau"])
    assert desk.texts(c) == ["Drucker klemmt", "Toner leer", "spaeter"]
    assert (desk.row(b).status_id, desk.row(b).closed, desk.row(b).messages_count) == (before, False, 1)
    assert desk.finds("Papierstau: bitte") == [b]
    with desk.world.rows():
        mails = select(InboundMail).join(Message, Message.id == InboundMail.message_id)
        assert all(one.ticket_id is not None for one in session.scalars(mails))


def test_undoing_the_outer_merge_brings_the_inner_one_along(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    desk.merge(a, b)
    desk.merge(b, c)
    desk.unmerge(b)
    assert desk.texts(b) == ["Drucker klemmt", "Papierstau"]
    assert desk.texts(c) == ["Toner leer"]
    assert desk.row(a).merged_into_id == desk.row(b).id
    desk.arrives(mail(subject=f"Nachtrag [#{a}]", text="nachher: noch etwas"))
    assert desk.texts(b)[-1] == "nachher"
    desk.unmerge(b)  # once more does nothing
    assert desk.verbs(b).count("unmerged") == 1


def test_a_circle_cannot_be_made(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    assert "A ticket cannot be merged into itself." in desk.merge(a, a).text
    desk.merge(a, b)
    refused = desk.merge(b, a)
    assert refused.status_code == 422
    assert f"#{a} is merged into #{b} already. Undo that first." in refused.text
    desk.merge(b, c)
    assert desk.merge(c, a).status_code == 422
    assert desk.merge(c, b).status_code == 422
    again = desk.merge(a, c)
    assert again.status_code == 204
    assert desk.verbs(a).count("merged") == 1
    elsewhere = desk.merge(a, desk.asks("Etwas anderes"))
    assert elsewhere.status_code == 409
    assert f"#{a} is merged into #{c} already." in elsewhere.text


def test_both_directions_at_once_make_one_merge(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    other = desk.world.browser(desk.piet)

    def go(client: object, source: int, into: int) -> int:
        answer = client.post(  # type: ignore[attr-defined]
            f"/tickets/{source}/merge", data={"into": str(into)}, headers={"HX-Request": "true"}
        )
        return int(answer.status_code)

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(go, desk.browser, a, b), threads.submit(go, other, b, a)]
        codes = sorted(one.result() for one in done)
    assert codes == [204, 422]
    merged = [number for number in (a, b) if desk.row(number).merged_into_id is not None]
    assert len(merged) == 1
    assert sorted(desk.texts(a) + desk.texts(b)) == ["Drucker klemmt", "Papierstau"]


def test_different_customers_are_merged_only_when_it_is_meant(desk: Desk) -> None:
    a = desk.asks("Drucker klemmt")
    other = desk.world.customer("K2", "Tischlerei Birke", domains=["birke.example"])
    desk.world.contact("Svea Birke", "svea@birke.example", other)
    b = desk.asks("Papierstau", sender="Svea Birke <svea@birke.example>")
    refused = desk.merge(a, b)
    assert refused.status_code == 422
    assert "different customers" in refused.text
    assert desk.texts(a)
    assert desk.merge(a, b, confirmed="1").status_code == 204
    # Jana, a stranger to that customer, still reaches it by the old number; somebody else's address does not.
    desk.arrives(mail(subject=f"Nachtrag [#{a}]", text="jana: hier"))
    assert desk.texts(b) == ["Drucker klemmt", "Papierstau", "jana"]
    desk.arrives(mail(subject=f"Nachtrag [#{a}]", sender="Wer <wer@fremd.example>", text="fremd: hier"))
    assert "fremd" not in desk.texts(b)


def test_a_reply_that_waits_goes_out_once_and_in_its_own_thread(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    said = desk.browser.post(
        f"/tickets/{a}/messages", data={"kind": "reply", "text": "Wir kommen."}, headers={"HX-Request": "true"}
    )
    assert said.status_code == 204
    desk.merge(a, b)  # before its mail was written
    desk.world.work()
    replies = [one for one in desk.world.sent() if one["subject"].endswith("Drucker klemmt")]
    mine = [desk.world.sent_mime(one).decode() for one in replies]
    out = [one for one in mine if "Wir kommen." in one]
    assert len(out) == 1
    assert desk.mails[a] in out[0]
    assert desk.mails[b] not in out[0]
    assert desk.texts(b)[-1] == "Wir kommen."
    with desk.world.rows():
        message = session.scalars(select(Message).where(Message.text == "Wir kommen.")).one()
        assert message.delivery == "sent"
        ours = message.internet_message_id or ""
    desk.arrives(mail(subject="AW: Drucker klemmt", text="passt: danke", in_reply_to=ours))
    assert desk.texts(b)[-1] == "passt"
    desk.unmerge(a)
    desk.arrives(mail(subject="AW: Drucker klemmt", text="noch: danke", in_reply_to=ours))
    assert desk.texts(a) == ["Drucker klemmt", "Wir kommen.", "noch"]
    assert desk.texts(b) == ["Papierstau", "passt"]


def test_a_reply_that_failed_is_sent_again_from_where_it_stands_now(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    desk.world.misbehave("POST /send$", status=400, times=1)
    desk.browser.post(
        f"/tickets/{a}/messages", data={"kind": "reply", "text": "Wir kommen."}, headers={"HX-Request": "true"}
    )
    desk.world.work()
    with desk.world.rows():
        message = session.scalars(select(Message).where(Message.text == "Wir kommen.")).one()
    assert message.delivery == "failed"
    desk.merge(a, b)
    assert desk.browser.post(f"/messages/{message.id}/retry", headers={"HX-Request": "true"}).status_code == 204
    desk.world.work()
    assert sum("Wir kommen." in desk.world.sent_mime(one).decode() for one in desk.world.sent()) == 1
    assert f"ticket:{desk.row(b).id}"
    assert desk.texts(b)[-1] == "Wir kommen."


def test_the_offer_begins_with_open_tickets_of_the_same_contact(desk: Desk) -> None:
    a, mine = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    elif_ = "Elif <elif.mertoglu@moebelwerk-tressow.example>"
    colleague, stranger = desk.asks("Maus fehlt", sender=elif_), desk.asks("Fremdes", sender="Wer <wer@fremd.example>")
    done = desk.asks("Alter Drucker")
    with desk.world.rows():
        row = session.scalars(select(Ticket).where(Ticket.number == done)).one()
        row.closed = True
        session.flush()
        row.closed = False
    desk.browser.post(f"/tickets/{done}/status", data={"value": "closed"}, headers={"HX-Request": "true"})

    def offered(words: str = "") -> list[int]:
        text = desk.browser.get(f"/tickets/{a}/merge", query_string={"q": words}).text
        places = {number: text.find(f'data-value="{number}"') for number in (a, mine, colleague, stranger, done)}
        return sorted((number for number, place in places.items() if place >= 0), key=lambda number: places[number])

    assert offered() == [mine, colleague, stranger]
    assert offered("maus") == [colleague]
    assert offered(str(stranger)) == [stranger]
    assert offered("alter") == [done]
    assert offered(JANA.split("@")[0].replace(".", " ")) == [mine, done]
