"""Whatever a form brings to whichever route: a refusal with a sentence, or a change; never an error of ours."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from tests.neighbours import Neighbours, move_in
from tests.test_rights import Route, routes
from tests.world import World

pytestmark = pytest.mark.slow
LONG = "x" * 250_000  # more than any field takes; a request of over 1 MB would be an upload, of which few are let in
# What every field of a form is at once.
ALL: dict[str, list[str]] = {
    "nul": ["a\x00b"],
    "long": ["ü" * 2_000],
    "huge": ["9" * 5_000],
    "several": ["-1", "²<b>%s{{7*7}}'\"\\", "nonsense"],
}
# What one field is, in turn, while the others are as they should be.
ONE = ("\x00²", "-99999999999999999999", LONG, "9999999999")
USUAL = {
    "text": "Guten Tag", "name": "Etwas", "title": "Etwas", "subject": "Etwas", "kind": "note", "value": "1",
    "version": "1", "token": "t", "customer": "1", "contact": "1", "key": "default_kind", "category": "Netz",
    "types": "incident", "customers": "hidden", "language": "en", "to": "jana.wiedekind@moebelwerk-tressow.example",
    "minutes": "5", "quantity": "1", "price": "1", "started": "2026-11-01T10:00", "start": "2026-11-01T10:00",
    "end": "2026-11-01T11:00", "reason": "x", "technician": "1", "topic": "ticket:10001", "tickets": "10001",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z_]{1,24}")
_LAST = ("delete", "remove", "merge", "close", "forget", "switch-off", "sign")  # what takes away what others need


def _words(module: ast.Module, name: str, seen: set[str]) -> Iterator[str]:
    """Every word in the function `name` that may be a field's name, with those of what it uses in its module."""
    seen.add(name)
    for node in module.body:
        named = isinstance(node, ast.FunctionDef) and node.name == name
        assigned = isinstance(node, ast.Assign) and name in {getattr(one, "id", "") for one in node.targets}
        if not (named or assigned):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and _NAME.fullmatch(inner.value):
                yield inner.value
            elif isinstance(inner, ast.Name) and inner.id not in seen:
                yield from _words(module, inner.id, seen)


def fields(view: Callable[..., Any]) -> list[str]:
    """What the form of that view may bring."""
    plain = inspect.unwrap(view)
    module = ast.parse(inspect.getsource(inspect.getmodule(plain) or plain))
    return sorted({*_words(module, plain.__name__, set()), "value", "name", "text"})


@pytest.fixture
def neighbours(world: World) -> Neighbours:
    """See tests/neighbours.py."""
    return move_in(world)


def changing(world: World) -> list[Route]:
    """The routes that a form changes something by, those that take away something last."""
    found = [one for one in routes(world) if one.method != "GET" and not one.path.startswith(("/api/", "/microsoft"))]
    mine = [one for one in found if not one.endpoint.startswith("signin.")]
    return sorted(mine, key=lambda one: (any(word in one.path for word in _LAST), one.path))


@pytest.mark.usefixtures("neighbours")
def test_no_form_is_an_error_of_ours(world: World) -> None:
    browser, wrong, asked = world.browser(world.staff("Marek Ostwald", "administrator", "dispatcher", "sales")), [], 0
    for route in changing(world):
        names = fields(world.app.view_functions[route.endpoint])
        forms: list[tuple[str, MultiDict[str, str]]] = [
            (what, MultiDict([(name, one) for name in names for one in values])) for what, values in ALL.items()
        ]
        usual = MultiDict({name: USUAL[name] for name in names if name in USUAL})
        for turn, name in enumerate(names, asked):
            odd = ONE[turn % len(ONE)]
            form = usual.copy()
            form.setlist(name, [odd])
            forms.append((f"{name}={odd[:20]!r}", form))
        for what, form in forms:
            asked += 1
            answer = browser.open(route.path, method=route.method, data=form, headers={"HX-Request": "true"})
            status = answer.status_code
            if status >= 500 or status == 429:  # what a limit keeps out has not been tried
                wrong.append(f"{route.method} {route.path} {what}: {status}")
    assert not wrong, "\n".join([f"{asked} forms", *wrong])


ORDER = {
    "customer": "1", "ordered_on": "2026-11-01", "status": "open", "currency": "EUR", "title": "x",
    "lines.1.description": "a", "lines.1.quantity": "1",
}  # fmt: skip
# What only bites where everything before it is as it should be: (address, form).
POINTED: tuple[tuple[str, dict[str, str]], ...] = (
    ("/settings/root-causes/lists/type:incident", {"cause": "9" * 5_000}),
    ("/settings/root-causes/lists/type:incident", {"cause": "²"}),
    ("/orders/A-1", ORDER | {"gone": "²"}),
    ("/orders/A-1", ORDER | {"gone": "9" * 5_000}),
    ("/tickets/bulk/back", {"name": "category", "after": "", "before": '{"10001": "\\ud800"}'}),
    ("/tickets/bulk/back", {"name": "category", "after": "", "before": '{"10001": "\\u0000"}'}),
    ("/tickets/bulk/back", {"name": "category", "after": "", "before": "[" * 100_000}),
    ("/tickets/10001/pending_until", {"value": "9999-12-31T23:59"}),
    ("/tickets/10001/pending_until", {"value": "0001-01-01T00:00"}),
    ("/timer/gap", {"from": "0001-01-01T00:00+14:00", "answer": "keep"}),
    ("/timer/gap", {"from": "9999-12-31T23:59-14:00", "answer": "remove"}),
    *(
        (address, {"ticket": "10001", "technician": "1", "date": day, "from": "00:00", "to": "23:59"} | moments)
        for address in ("/visits", "/visits/1", "/visits/1/move", "/board/plan", "/board/look")
        for day, moments in (
            ("0001-01-01", {"start": "0001-01-01T00:00", "end": "0001-01-01T01:00"}),
            ("9999-12-31", {"start": "9999-12-31T23:00", "end": "9999-12-31T23:59"}),
        )
    ),
    ("/drafts/ticket:10001", {"text": "a", "to": "\x00", "kind": "\x00"}),
    ("/tickets/10001/time", {"minutes": "5", "worked_on": "9999-12-31", "begin": "23:59", "text": "x"}),
    ("/tickets/10001/time", {"minutes": "5", "worked_on": "0001-01-01", "begin": "00:00", "text": "x"}),
)


@pytest.mark.usefixtures("neighbours")
def test_what_is_odd_in_one_place_is_no_error_of_ours(world: World) -> None:
    browser = world.browser(world.staff("Marek Ostwald", "administrator", "dispatcher", "sales"))
    there = {rule.split(" ", 1)[1] for rule in (f"{one.method} {one.path}" for one in routes(world))}
    wrong = []
    for address, form in POINTED:
        answer = browser.post(address, data=form, headers={"HX-Request": "true"})
        if answer.status_code >= 500 or (answer.status_code in (404, 405) and address not in there):
            wrong.append(f"{address} {str(form)[:120]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
