"""Mail at Microsoft as the desk sees it: in pages, under lasting ids."""

import pytest

from backend.errors import OutsideDown
from backend.jobs import TryAgainIn
from backend.microsoft import graph, mailbox
from tests.world import SERVICE, World, mail


def everything(link: str = "") -> tuple[list[mailbox.ChangedMessage], str]:
    found: list[mailbox.ChangedMessage] = []
    while True:
        page = mailbox.changes(SERVICE, link)
        found += page.messages
        link = page.link
        if page.complete:
            return found, link


def test_changes_come_in_pages_and_only_once(world: World) -> None:
    for number in range(130):
        world.deliver(mail(subject=str(number), text="x"))
    first, link = everything()
    assert len({one.id for one in first}) == 130
    assert everything(link)[0] == []
    new = world.deliver(mail())
    assert [one.internet_message_id for one in everything(link)[0]] == [new]


def test_ids_outlive_a_move_and_what_is_gone_is_missing(world: World) -> None:
    world.deliver(mail(subject="Umzug"))
    ((one,), link) = everything()
    builder = graph.client().users.by_user_id(SERVICE).messages.by_message_id(one.id)
    graph.call(graph.request(builder.move, "POST", body={"destinationId": "archive"}))
    assert b"Subject: Umzug" in mailbox.mime(SERVICE, one.id)
    assert [(each.id, each.removed) for each in everything(link)[0]] == [(one.id, True)]
    with pytest.raises(graph.Missing):
        mailbox.mime(SERVICE, "AAMkAGI-none")
    with pytest.raises(graph.Missing):
        mailbox.changes("nobody@nordlicht-it.example")


def test_a_link_to_another_host_never_gets_our_token(world: World) -> None:
    with pytest.raises(graph.DeltaExpired):
        mailbox.changes(SERVICE, "https://evil.example/v1.0/users/x/mailFolders/inbox/messages/delta?$deltatoken=1")


def test_a_quote_in_a_message_id_is_no_filter(world: World) -> None:
    assert mailbox.find_by_message_id(SERVICE, "<x' or '1' eq '1>") == []


def test_failures_say_whether_and_when_to_try_again(world: World) -> None:
    world.misbehave("GET /delta", status=429, retry_after=7, times=1)
    with pytest.raises(TryAgainIn) as wait:
        mailbox.changes(SERVICE)
    assert wait.value.seconds == 7
    for status, kind in ((500, OutsideDown), (503, OutsideDown), (403, graph.Forbidden), (400, graph.GraphRefused)):
        world.work()  # nothing is left to do, and no mailbox rests any more
        world.misbehave("GET /delta", status=status, times=1)
        with pytest.raises(kind):
            mailbox.changes(SERVICE)


def test_a_withdrawn_token_is_replaced_at_once(world: World) -> None:
    world.misbehave("GET /delta", status=401, times=1)
    assert mailbox.changes(SERVICE).complete
