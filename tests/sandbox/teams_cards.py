"""Cards that the tests send."""

from typing import Any

CARD = "application/vnd.microsoft.card.adaptive"


def card(*body: dict[str, Any], actions: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An attachment with an Adaptive Card 1.5."""
    content = {"type": "AdaptiveCard", "version": "1.5", "body": list(body), "actions": actions or []}
    return {"contentType": CARD, "content": content}


def text(words: str) -> dict[str, Any]:
    """A TextBlock."""
    return {"type": "TextBlock", "text": words, "wrap": True}


def ring(customer: str = "Jana Wiedekind") -> dict[str, Any]:
    """A waiting chat with a button for whoever answers it."""
    return card(
        text(f"{customer} is waiting"),
        {"type": "FactSet", "facts": [{"title": "Ticket", "value": "10234"}]},
        actions=[
            {"type": "Action.Execute", "title": "Answer", "verb": "answer", "data": {"chat": 7}},
            {"type": "Action.Submit", "title": "Later", "data": {"later": 7}},
        ],
    )
