"""The bot's cards: valid Adaptive Cards 1.5, in the reader's language, with nothing of a customer's read as markup."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from backend.chat import cards
from backend.chat.cards import ChatFacts
from backend.i18n import in_language
from tests.world import World

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(os.environ.get("DESKSIDE_REFERENCE", ROOT.parent / "shared" / "reference")) / "schemas"
SCHEMA = SCHEMAS / "adaptivecards" / "adaptive-card-1.5.0.json"
EVIL = "[hier](https://evil.example) **fett** <at>alle</at> {{DATE(x)}}"
FACTS = ChatFacts(
    chat=7,
    customer=f"Jana {EVIL}",
    company=f"Möbelwerk {EVIL}",
    number=10001,
    subject=EVIL,
    since=datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
    technician=f"Piet {EVIL}",
    ended_by=f"Jana {EVIL}",
    lines=(("Jana", EVIL), ("Piet", "x" * 2000)),
)
CARDS: dict[str, Any] = {
    "waiting": lambda: cards.ring_waiting(FACTS),
    "answered": lambda: cards.ring_answered(FACTS),
    "ended": lambda: cards.ring_ended(FACTS),
    "holding": lambda: cards.holding(FACTS, [(8, f"Svea {EVIL}"), (9, "Owen"), (10, "Bernd"), (11, "Lin")]),
    "put aside": lambda: cards.put_aside(FACTS),
    "greeting": lambda: cards.greeting("Jana", FACTS, [(10002, EVIL), (10003, "Telefon")]),
    "greeting without tickets": lambda: cards.greeting("Jana", FACTS, []),
    "chosen": lambda: cards.greeting_chosen(FACTS),
    "over": lambda: cards.greeting_ended(FACTS),
}


@pytest.fixture(scope="module")
def schema() -> Any:
    if not SCHEMA.is_file():
        pytest.skip("Microsoft's schema is not on this machine")
    return jsonschema.Draft6Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def nodes(card: Any) -> Iterator[dict[str, Any]]:
    if isinstance(card, dict):
        yield card
        for value in card.values():
            yield from nodes(value)
    elif isinstance(card, list):
        for value in card:
            yield from nodes(value)


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it"])
@pytest.mark.parametrize("name", CARDS)
def test_each_card_is_one_of_version_1_5(world: World, schema: Any, name: str, language: str) -> None:
    with in_language(language):
        made = CARDS[name]()
    assert [error.message for error in schema.iter_errors(made)] == []
    assert made["version"] == "1.5"
    assert len(json.dumps(made).encode("utf-16-le")) < 80_000
    assert len(made.get("actions", [])) <= 6, "Teams shows six buttons"


@pytest.mark.parametrize("name", CARDS)
def test_what_people_wrote_is_never_markup(world: World, name: str) -> None:
    for node in nodes(CARDS[name]()):
        if node.get("type") in ("TextBlock", "FactSet", "Fact"):
            assert "evil" not in json.dumps(node), "markup is read there"
        if node.get("type") == "Action.OpenUrl":
            assert node["url"] == f"{world.settings.url}/tickets/10001"


@pytest.mark.parametrize("name", CARDS)
def test_each_button_has_a_way_for_older_clients(world: World, name: str) -> None:
    for node in nodes(CARDS[name]()):
        if node.get("type") == "Action.Execute":
            assert node["fallback"]["data"] == {**node["data"], "verb": node["verb"]}


def test_nothing_can_be_pressed_once_somebody_has_answered(world: World) -> None:
    for name in ("answered", "ended", "over"):
        assert [n["type"] for n in nodes(CARDS[name]()) if n.get("type") == "Action.Execute"] == []


def test_the_schema_here_can_fail(schema: Any) -> None:
    assert list(schema.iter_errors({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock"}]}))
