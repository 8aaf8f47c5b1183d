"""The part of OData that Graph's mail takes: $filter, $orderby, $select, $expand.

https://learn.microsoft.com/graph/query-parameters
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_TOKENS = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)|(?P<number>-?\d+)"
    r"|(?P<name>[A-Za-z_@][\w./@]*)|(?P<mark>[(),:]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda a, b: a.startswith(b),
    "endswith": lambda a, b: a.endswith(b),
    "contains": lambda a, b: b in a,
}
_EXACT = {"internetmessageid", "conversationid", "id", "value", "changekey", "parentfolderid"}
Getter = Callable[[str], Any]
Test = Callable[[Getter], bool]


class Malformed(Exception):
    """A query option that cannot be read; the text is for a person."""


@dataclass
class Filter:
    """A read $filter: the test, the comparisons all of which must hold, and the properties in their order."""

    test: Test
    must: list[tuple[str, str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def _even(name: str, left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(right, datetime):
        return _moment(left), right
    if isinstance(left, str) and isinstance(right, str) and name.rsplit("/", 1)[-1].lower() not in _EXACT:
        return left.casefold(), right.casefold()
    return left, right


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = _TOKENS.match(text, at)
            if not found:
                raise Malformed(f"Invalid filter clause: syntax error at position {at}.")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.at = 0
        self.names: list[str] = []

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise Malformed("Invalid filter clause: it ends too early.")
        self.at += 1
        return self.tokens[self.at - 1]

    def want(self, mark: str) -> None:
        kind, text = self.next()
        if text != mark or kind == "text":
            raise Malformed(f"Invalid filter clause: '{mark}' expected, not '{text}'.")

    def value(self) -> Any:
        kind, text = self.next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "time":
            return _moment(text)
        if kind == "number":
            return int(text)
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        raise Malformed(f"Invalid filter clause: '{text}' is no value.")

    def disjunction(self) -> Filter:
        first = self.conjunction()
        while self.peek() == "or":
            self.next()
            left, right = first.test, self.conjunction().test
            first = Filter(lambda get, a=left, b=right: a(get) or b(get))  # type: ignore[misc]
        return first

    def conjunction(self) -> Filter:
        first = self.term()
        while self.peek() == "and":
            self.next()
            left, right = first, self.term()
            first = Filter(
                lambda get, a=left.test, b=right.test: a(get) and b(get),  # type: ignore[misc]
                left.must + right.must,
            )
        return first

    def term(self) -> Filter:
        kind, text = self.next()
        if text == "not" and kind == "name":
            inner = self.term().test
            return Filter(lambda get: not inner(get))
        if text == "(" and kind == "mark":
            found = self.disjunction()
            self.want(")")
            return found
        if kind != "name":
            raise Malformed(f"Invalid filter clause: a property is expected, not '{text}'.")
        if text.lower() in _FUNCTIONS and self.peek() == "(":
            return self.function(text.lower())
        if text.endswith("/any") and self.peek() == "(":
            return self.any(text.removesuffix("/any"))
        return self.comparison(text)

    def function(self, name: str) -> Filter:
        self.want("(")
        _, path = self.next()
        self.want(",")
        value = self.value()
        self.want(")")
        self.names.append(path)
        call = _FUNCTIONS[name]
        return Filter(lambda get: call(*(str(part or "") for part in _even(path, get(path), value))))

    def any(self, path: str) -> Filter:
        self.want("(")
        _, variable = self.next()
        self.want(":")
        outside = len(self.names)
        inner = self.disjunction()
        self.want(")")
        self.names[outside:] = [path]

        def test(get: Getter) -> bool:
            def within(item: Any) -> Getter:
                return lambda name: item if name == variable else walk(item, name.removeprefix(f"{variable}/"))

            return any(inner.test(within(item)) for item in get(path) or [])

        return Filter(test, [(f"{path}/any", *entry[1:]) for entry in _pair(variable, inner.must)])

    def comparison(self, path: str) -> Filter:
        _, operator = self.next()
        if operator not in _COMPARE:
            raise Malformed(f"Invalid filter clause: unknown operator '{operator}'.")
        value = self.value()
        self.names.append(path)
        compare = _COMPARE[operator]

        def test(get: Getter) -> bool:
            try:
                return compare(*_even(path, get(path), value))
            except TypeError:
                return False

        return Filter(test, [(path, operator, value)])


def _pair(variable: str, must: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    """`ep/id eq 'x' and ep/value eq 'y'` as one entry, for the index on extended properties."""
    told = {name.removeprefix(f"{variable}/"): value for name, operator, value in must if operator == "eq"}
    return [("", "pair", (told["id"], told["value"]))] if {"id", "value"} <= told.keys() else []


def walk(item: Any, path: str) -> Any:
    """The value at a path such as from/emailAddress/address, or None."""
    for name in path.split("/"):
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def read_filter(text: str) -> Filter:
    """Reads a $filter. Raises Malformed."""
    reader = _Reader(text)
    found = reader.disjunction()
    if reader.at != len(reader.tokens):
        raise Malformed(f"Invalid filter clause: '{reader.peek()}' is too much.")
    found.names = reader.names
    return found


def read_order(text: str) -> list[tuple[str, bool]]:
    """Reads an $orderby: (property, whether descending). Raises Malformed."""
    order = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = item.partition(" ")
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise Malformed(f"Syntax error in '{item}'.")
        order.append((name, direction.strip().lower() == "desc"))
    return order


def split(text: str) -> list[str]:
    """Parts at commas outside parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "," and depth == 0 and not quoted:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def read_expand(text: str) -> dict[str, str]:
    """Reads an $expand: property → what stands in its parentheses."""
    found = {}
    for part in split(text):
        match = re.fullmatch(r"(\w+)(?:\((.*)\))?", part, re.DOTALL)
        if not match:
            raise Malformed(f"Term '{part}' is not valid in a $expand expression.")
        found[match[1]] = match[2] or ""
    return found
