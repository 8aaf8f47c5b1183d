"""The card by which somebody hears that a ticket is theirs, or their team's."""

from dataclasses import dataclass

from backend.chat.cards import Card, card, ticket_url, title
from backend.i18n import _


@dataclass(frozen=True, kw_only=True)
class AssignmentFacts:
    """What the card says. `given_to` is the team or the group, empty for the reader alone."""

    number: int
    subject: str
    company: str
    by: str
    given_to: str = ""


def heading(facts: AssignmentFacts) -> str:
    """Who gives what to whom; also the line of the notification and the subject of the mail."""
    if facts.given_to:
        return _("%(name)s gave ticket %(number)s to %(team)s", name=facts.by, number=facts.number, team=facts.given_to)
    return _("%(name)s gave you ticket %(number)s", name=facts.by, number=facts.number)


def about(facts: AssignmentFacts) -> str:
    """What the ticket is about, on one line."""
    return " · ".join(part for part in (facts.subject, facts.company) if part)


def given(facts: AssignmentFacts) -> Card:
    """The card."""
    # No markup is read in it: what people wrote cannot become a link of ours.
    text: Card = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": about(facts) or " "}]}
    show: Card = {"type": "Action.OpenUrl", "title": _("Open ticket"), "url": ticket_url(facts.number)}
    return card(title(heading(facts)), text, actions=(show,))
