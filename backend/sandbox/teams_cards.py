"""Adaptive Cards as Teams treats them: finding the pressed button and what it sends.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/overview
"""

from collections.abc import Iterator
from typing import Any

CARD = "application/vnd.microsoft.card.adaptive"
_PRESSED = ("Action.Execute", "Action.Submit")


class NoSuchAction(Exception):
    """The card has no such button; the text says which there are."""


def cards(activity: dict[str, Any]) -> list[dict[str, Any]]:
    """The Adaptive Cards of a message."""
    found = [one.get("content") for one in activity.get("attachments") or [] if one.get("contentType") == CARD]
    return [card for card in found if isinstance(card, dict)]


def actions(node: Any) -> Iterator[dict[str, Any]]:
    """Every action in a card that is sent to the bot, inner ones too."""
    if isinstance(node, list):
        for item in node:
            yield from actions(item)
    elif isinstance(node, dict):
        if node.get("type") in _PRESSED:
            yield node
            return
        for name, value in node.items():
            if name not in ("data", "fallback", "refresh", "authentication"):
                yield from actions(value)


def _data(action: dict[str, Any]) -> dict[str, Any]:
    data = action.get("data")
    return data if isinstance(data, dict) else {}


def pressed(shown: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    """The action meant by `asked`: its `verb`, its id or title as `action`, or the one whose own data it repeats.

    Raises NoSuchAction.
    """
    found = [action for card in shown for action in actions(card)]
    given = asked.get("data") or {}
    if verb := asked.get("verb"):
        found = [action for action in found if action.get("verb") == verb]
    if name := asked.get("action"):
        found = [action for action in found if name in (action.get("id"), action.get("title"))]
    fitting = [
        action
        for action in found
        if all(given.get(key, value) == value for key, value in _data(action).items())
        and (not _data(action) or any(key in given for key in _data(action)) or len(found) == 1)
    ]
    # The button that shares the most with what was given is the one that was meant.
    best = max(fitting or found, key=lambda one: sum(key in given for key in _data(one)), default=None)
    unclear = len(found) > 1 and not fitting and not (asked.get("verb") or asked.get("action"))
    if best is None or unclear:
        there = [action.get("title") or action.get("verb") for card in shown for action in actions(card)]
        raise NoSuchAction(f"The card has no such button; it has {there}.")
    return best


def sent(action: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What the button sends: its own data and the inputs."""
    return {**_data(action), **given}


def execute_value(action: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The value of the invoke `adaptiveCard/action`."""
    return {
        "action": {
            "type": "Action.Execute", "id": action.get("id", ""), "verb": action.get("verb", ""),
            "data": sent(action, given),
        },
        "trigger": "manual",
    }  # fmt: skip


def answered(answer: Any) -> tuple[str, Any]:
    """What the client does with an invoke's answer: ("card", card), ("message", text), ("error", text), ("", None)."""
    if not isinstance(answer, dict) or "type" not in answer:
        return "", None
    kind, value, status = answer["type"], answer.get("value"), answer.get("statusCode", 200)
    if kind == CARD and isinstance(value, dict) and status == 200:
        return "card", value
    if kind == "application/vnd.microsoft.activity.message" and isinstance(value, str):
        return "message", value
    if kind == "application/vnd.microsoft.error" or status >= 400:
        return "error", value.get("message", "") if isinstance(value, dict) else str(value)
    return "", None
