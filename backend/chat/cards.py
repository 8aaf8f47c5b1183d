"""What the bot says, as activities of the Bot Framework: lines of text and Adaptive Cards 1.5.

Pure: facts in, a dict out, in the language of the moment (`in_language`). What a person wrote stands in a
RichTextBlock, which knows no markup: a customer cannot put a link of theirs into our card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend import config
from backend.i18n import _, clock_time

CARD = "application/vnd.microsoft.card.adaptive"
LONGEST_LINE = 20_000  # characters of one message; Teams takes about 40,000 in all
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_SNIPPET = 300
_SHOWN_LINES = 8
_BUTTONS = 5
Card = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChatFacts:
    """What cards say of a chat."""

    chat: int
    customer: str  # the person who writes
    company: str
    number: int
    subject: str
    since: datetime
    technician: str = ""
    ended_by: str = ""
    lines: tuple[tuple[str, str], ...] = ()  # (who, what), oldest first


def _text(words_said: str, **look: Any) -> Card:
    """Our own words: nothing in them comes from elsewhere."""
    return {"type": "TextBlock", "text": words_said, "wrap": True, **look}


def _run(words_said: str, **look: Any) -> Card:
    return {"type": "TextRun", "text": words_said, **look}


def _rich(*runs: Card, **look: Any) -> Card:
    return {"type": "RichTextBlock", "inlines": list(runs), **look}


def title(words_said: str) -> Card:
    """The heading of a card; names in it are not read as markup."""
    return _rich(_run(words_said, weight="Bolder", size="Medium"))


def execute(label: str, verb: str, data: dict[str, Any], style: str = "default") -> Card:
    """A button whose press is answered with a new card; older clients send the same as a message."""
    fallback = {"type": "Action.Submit", "title": label, "data": {**data, "verb": verb}, "style": style}
    return {
        "type": "Action.Execute",
        "title": label,
        "verb": verb,
        "data": data,
        "style": style,
        "fallback": fallback,
    }


def card(*body: Card, actions: Sequence[Card] = ()) -> Card:
    """An Adaptive Card 1.5."""
    made: Card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": list(body),
    }
    return {**made, "actions": list(actions)} if actions else made


def with_card(content: Card, summary: str) -> dict[str, Any]:
    """A message that is a card; `summary` is what a notification says."""
    return {
        "type": "message",
        "summary": summary,
        "attachments": [{"contentType": CARD, "content": content}],
    }


def line(text: str) -> dict[str, Any]:
    """A message of text, exactly as it was written."""
    cut = text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"
    return {"type": "message", "text": cut, "textFormat": "plain"}


def with_files(activity: dict[str, Any], files: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """`activity` with files (name, content type, address): pictures in the message, everything else as a link."""
    pictures = [one for one in files if one[1] in _PICTURES]
    links = [f"{name}: {address}" for name, kind, address in files if kind not in _PICTURES]
    made = {**activity, "text": "\n\n".join(filter(None, (activity["text"], "\n".join(links))))}
    if pictures:
        made["attachments"] = [
            {"contentType": kind, "contentUrl": address, "name": name} for name, kind, address in pictures
        ]
    return made


def ticket_url(number: int) -> str:
    """Where a ticket stands on the desk."""
    return f"{config.current().url}/tickets/{number}"


def _open(number: int) -> Card:
    return {"type": "Action.OpenUrl", "title": _("Open ticket"), "url": ticket_url(number)}


def _snippet(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SNIPPET else flat[: _SNIPPET - 1] + "…"


def _about(chat: ChatFacts) -> list[Card]:
    who = f"{chat.customer}, {chat.company}" if chat.company else chat.customer
    return [
        _rich(_run(who, isSubtle=True), spacing="None"),
        _rich(_run(f"#{chat.number} ", weight="Bolder"), _run(chat.subject), spacing="Small"),
    ]


def _lines(chat: ChatFacts) -> list[Card]:
    if not chat.lines:
        return []
    shown = chat.lines[-_SHOWN_LINES:]
    said = [_rich(_run(f"{who}: ", weight="Bolder"), _run(_snippet(what) or "…")) for who, what in shown]
    return [{"type": "Container", "style": "emphasis", "items": said}]


def ring_waiting(chat: ChatFacts) -> Card:
    """Somebody waits: the card on which whoever is first answers."""
    since = _("waiting since %(time)s", time=clock_time(chat.since))
    return card(
        title(_("%(name)s is waiting in the chat", name=chat.customer)),
        *_about(chat),
        *_lines(chat),
        _text(since, isSubtle=True, size="Small"),
        actions=[execute(_("Answer the chat"), "chat.answer", {"chat": chat.chat}, "positive"), _open(chat.number)],
    )


def ring_answered(chat: ChatFacts) -> Card:
    """The same card once somebody has answered: who, and nothing to press but the ticket."""
    return card(
        title(_("%(technician)s is talking with %(name)s", technician=chat.technician, name=chat.customer)),
        *_about(chat),
        actions=[_open(chat.number)],
    )


def ring_ended(chat: ChatFacts) -> Card:
    """The same card once the chat has ended."""
    by = _("ended by %(name)s", name=chat.ended_by) if chat.ended_by else ""
    return card(
        title(_("The chat with %(name)s has ended", name=chat.customer)),
        *_about(chat),
        *([_rich(_run(by, isSubtle=True, size="Small"))] if by else []),
        actions=[_open(chat.number)],
    )


def holding(chat: ChatFacts, others: Sequence[tuple[int, str]]) -> Card:
    """For the technician whose lines go to this customer now; `others` are further chats of theirs (id, name)."""
    hint = _("What you write here goes to %(name)s.", name=chat.customer)
    switches = [
        execute(_("Continue with %(name)s", name=name), "chat.continue", {"chat": other})
        for other, name in others[: _BUTTONS - 2]
    ]
    return card(
        title(_("You are talking with %(name)s", name=chat.customer)),
        *_about(chat),
        *_lines(chat),
        _rich(_run(hint, isSubtle=True, size="Small")),
        actions=[*switches, execute(_("End chat"), "chat.end", {"chat": chat.chat}), _open(chat.number)],
    )


def put_aside(chat: ChatFacts) -> Card:
    """The technician's card of a chat that is still theirs while they talk with somebody else."""
    return card(
        title(_("Your chat with %(name)s is still open", name=chat.customer)),
        *_about(chat),
        actions=[
            execute(_("Continue with %(name)s", name=chat.customer), "chat.continue", {"chat": chat.chat}),
            execute(_("End chat"), "chat.end", {"chat": chat.chat}),
            _open(chat.number),
        ],
    )


def greeting(name: str, chat: ChatFacts, tickets: Sequence[tuple[int, str]]) -> Card:
    """For the customer who has begun a chat: a person is coming; `tickets` are their open ones (number, subject)."""
    body = [
        title(_("Hello %(name)s", name=name)),
        _text(_("Thank you for your message. Somebody will be with you in a moment.")),
    ]
    if not tickets:
        kept = _("Everything is kept on ticket #%(number)s.", number=chat.number)
        body.append(_text(kept, isSubtle=True, size="Small"))
        return card(*body, actions=[execute(_("End chat"), "chat.end", {"chat": chat.chat})])
    choices = [
        execute(_button(number, subject), "chat.ticket", {"chat": chat.chat, "ticket": number})
        for number, subject in tickets[: _BUTTONS - 2]
    ]
    # The number of the ticket just opened is not said yet: another one may be chosen, and that one is gone then.
    new = execute(_("No, something new"), "chat.ticket", {"chat": chat.chat, "ticket": chat.number})
    body.append(_text(_("Is it about one of these?")))
    return card(*body, actions=[*choices, new, execute(_("End chat"), "chat.end", {"chat": chat.chat})])


def _button(number: int, subject: str) -> str:
    label = f"#{number} {subject}"
    return label if len(label) <= 60 else label[:59] + "…"


def greeting_chosen(chat: ChatFacts) -> Card:
    """The greeting once it is clear which ticket it is about, or that nothing can be chosen any more."""
    body = [_rich(_run(f"#{chat.number} ", weight="Bolder"), _run(chat.subject))]
    if chat.technician:
        body.insert(0, title(_("%(technician)s is talking with you", technician=chat.technician)))
    else:
        body.insert(0, title(_("Somebody will be with you in a moment")))
    return card(*body, actions=[execute(_("End chat"), "chat.end", {"chat": chat.chat})])


def greeting_ended(chat: ChatFacts) -> Card:
    """The greeting of a chat that has ended."""
    return card(
        title(_("This chat has ended")),
        _rich(_run(f"#{chat.number} ", weight="Bolder"), _run(chat.subject)),
    )


def answered_for_customer(technician: str) -> str:
    """What the customer hears when somebody has answered."""
    return _("%(technician)s is with you now.", technician=technician)


def ended_for_customer() -> str:
    """What the customer hears when the chat has ended."""
    return _("The chat has ended. Write here at any time, and a new one begins.")


def ended_for_technician(customer: str, by: str) -> str:
    """What the technician hears when the customer or somebody else has ended the chat."""
    if by == customer:
        return _("%(name)s has ended the chat.", name=by)
    return _("%(name)s has ended the chat with %(customer)s.", name=by, customer=customer)


def now_writing_to(customer: str) -> str:
    """For a technician with several chats who goes on in another one."""
    return _("What you write here now goes to %(name)s.", name=customer)


def went_to(customer: str) -> str:
    """For a technician with several chats, after each line: who got it."""
    return f"→ {customer}"


def nobody_held() -> str:
    """For a technician who writes to the bot and talks with nobody."""
    return _("You are in no chat at the moment, so nobody has received this. Answer a waiting one first.")


def not_yours(technician: str) -> str:
    """For a technician who writes into the thread of somebody else's chat."""
    if not technician:
        return _("Nobody has answered this chat yet. Press Answer first; nobody has received this.")
    return _("%(technician)s is in this chat, so the customer has not received this.", technician=technician)


def taken_back_for_technician(customer: str) -> str:
    """A customer has deleted a line."""
    return _("%(name)s deleted a line.", name=customer)


def file_for_technician(customer: str, name: str, address: str) -> str:
    """A customer has sent a file, which stands on the desk."""
    return _("%(name)s sent a file: %(file)s", name=customer, file=f"{name} {address}")


def by_mail(customer: str) -> str:
    """The technician's line could not be brought to the customer in Teams."""
    return _("%(name)s cannot be reached in Teams. What you write goes by e-mail.", name=customer)


def perhaps(customer: str) -> str:
    """Nobody knows whether a line arrived."""
    return _("Your line to %(name)s was perhaps not delivered. On the ticket it can be sent again.", name=customer)
