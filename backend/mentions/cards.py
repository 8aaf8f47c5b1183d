"""The card by which somebody hears that they were mentioned: the note, a reply, and the way to the ticket."""

from dataclasses import dataclass

from backend.chat.cards import Card, card, execute, ticket_url, title
from backend.i18n import _

_SHOWN = 2_000  # characters of the note
REPLY = "mention.reply"
INPUT = "reply"


@dataclass(frozen=True, kw_only=True)
class MentionFacts:
    """What the card says."""

    mention: int
    number: int
    subject: str
    company: str
    author: str
    text: str
    replies: int = 0
    replied: str = ""  # what was answered by the card before
    call: bool = False  # of a call that somebody noted


def heading(facts: MentionFacts) -> str:
    """Who mentions the reader where; also the line of the notification."""
    if facts.call:
        return _("%(name)s noted a call on your ticket %(number)s", name=facts.author, number=facts.number)
    return _("%(name)s mentions you on ticket %(number)s", name=facts.author, number=facts.number)


def _rich(text: str, **look: object) -> Card:
    # No markup is read in it: what people wrote cannot become a link of ours.
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " ", **look}]}


def mentioned(facts: MentionFacts, hint: str = "") -> Card:
    """The card as it is now; `hint` is a sentence on what has just happened."""
    about = " · ".join(part for part in (facts.subject, facts.company) if part)
    text = facts.text if len(facts.text) <= _SHOWN else facts.text[: _SHOWN - 1] + "…"
    body: list[Card] = [title(heading(facts)), _rich(about, isSubtle=True), _rich(text)]
    if facts.replied:
        body.append(
            {"type": "TextBlock", "text": _("Your reply stands on the ticket:"), "wrap": True, "isSubtle": True}
        )
        body.append(_rich(facts.replied, italic=True))
    if hint:
        body.append({"type": "TextBlock", "text": hint, "wrap": True, "color": "Attention"})
    field = {
        "type": "Input.Text",
        "id": INPUT,
        "isMultiline": True,
        "label": _("Reply with a note"),
        "placeholder": _("Only colleagues see it"),
        "maxLength": 4000,
    }
    data = {"mention": facts.mention, "replies": facts.replies}
    send = execute(_("Send note"), REPLY, data, "positive")
    show = {"type": "Action.OpenUrl", "title": _("Open ticket"), "url": ticket_url(facts.number)}
    return card(*body, field, actions=(send, show))
