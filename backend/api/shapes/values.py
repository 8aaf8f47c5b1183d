"""The kinds of values that shapes are made of. Each says in JSON Schema what it checks."""

import base64
import binascii
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from annotated_types import GroupedMetadata
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    WithJsonSchema,
)

from backend.api.sentences import wrong
from backend.i18n import _

_KEY = r"^[A-Za-z0-9À-ɏ_#][A-Za-z0-9À-ɏ ._:@#+&()/,=~*!$'-]*$"
_NO_NUL = r"^[^\u0000]*$"
_NO_CONTROL = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
_MAIL = r"^[^@\s,;<>\"()\\]{1,64}@[^@\s,;<>\"()\\]{1,189}\.[^@\s,;<>\"()\\]{2,63}$"
_BAD_KEY_PARTS = ("//", "/./", "/../")
MAX_DATA = 64_000  # bytes of JSON


class Shape(BaseModel):
    """All shapes: unknown fields are refused, a trailing underscore of a name is Python's alone."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=lambda name: name.rstrip("_"),
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        str_strip_whitespace=False,
        use_attribute_docstrings=True,
    )


def _text(value: str) -> str:
    if "\x00" in value:
        raise wrong(_("The character NUL is not possible in a text."))
    return value.replace("\r\n", "\n")


def _line(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
        raise wrong(_("Line breaks and control characters are not possible here."))
    return value.strip()


def _key(value: str) -> str:
    if not re.fullmatch(_KEY, value) or value != value.strip() or any(part in f"/{value}/" for part in _BAD_KEY_PARTS):
        raise wrong(_("A key begins with a letter or digit and holds no spaces at its end, no ? and no control signs."))
    return value


def _mail(value: str) -> str:
    value = value.strip()
    if not re.fullmatch(_MAIL, value) or re.search(r"[\x00-\x1f\x7f]", value):
        raise wrong(_("This is not an e-mail address; it should look like name@example.com."))
    return value.lower()


def _base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(_("This is not Base64.")) from error


def _storable(value: JsonValue) -> bool:
    """Whether PostgreSQL's jsonb takes `value`: no NUL, no number that JSON does not know."""
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(_storable(each) for each in value)
    if isinstance(value, dict):
        return all(_storable(key) and _storable(each) for key, each in value.items())
    return True


def _data(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if not _storable(value):
        raise wrong(_("The character NUL and endless numbers are not possible here."))
    if len(json.dumps(value)) > MAX_DATA:
        raise wrong(_("This is too large; at most %(max)s bytes of JSON are kept.", max=MAX_DATA))
    return value


def _decimal(value: Any) -> Any:
    """`value` from JSON as a Decimal; anything that is not a number is left for the check of the type."""
    if isinstance(value, str):
        return Decimal(value) if re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", value) else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return value


@dataclass(frozen=True)
class _Amount(GroupedMetadata):
    """A number from `low` to `high`, rounded to `places`; taken as a JSON number or text, given as a number."""

    low: str
    high: str
    places: int

    def __iter__(self) -> Iterator[object]:
        step = Decimal(1).scaleb(-self.places)
        sign = "-?" if self.low.startswith("-") else ""
        written = {"type": "string", "pattern": f"^{sign}[0-9]{{1,7}}(\\.[0-9]{{1,6}})?$"}
        number = {"type": "number", "minimum": float(self.low), "maximum": float(self.high)}
        yield BeforeValidator(_decimal)
        yield Field(ge=Decimal(self.low), le=Decimal(self.high))
        yield AfterValidator(lambda value: value.quantize(step))
        yield PlainSerializer(float, return_type=float, when_used="json")
        yield WithJsonSchema({"anyOf": [number, written]}, mode="validation")


_LINE: dict[str, JsonValue] = {"pattern": _NO_CONTROL}
_LINES: dict[str, JsonValue] = {"pattern": _NO_NUL}
Key = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra={"pattern": _KEY}), AfterValidator(_key)]
Name = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=_LINE), AfterValidator(_line)]
Line = Annotated[str, Field(max_length=200, json_schema_extra=_LINE), AfterValidator(_line)]
Word = Annotated[str, Field(max_length=100, json_schema_extra=_LINE), AfterValidator(_line)]
LongLine = Annotated[str, Field(min_length=1, max_length=998, json_schema_extra=_LINE), AfterValidator(_line)]
Text = Annotated[str, Field(max_length=1_000_000, json_schema_extra=_LINES), AfterValidator(_text)]
LongText = Annotated[str, Field(min_length=1, max_length=1000, json_schema_extra=_LINES), AfterValidator(_text)]
Html = Annotated[str, Field(max_length=4_000_000, json_schema_extra=_LINES), AfterValidator(_text)]
Mail = Annotated[str, Field(max_length=254, json_schema_extra={"format": "email"}), AfterValidator(_mail)]
Base64 = Annotated[
    bytes,
    BeforeValidator(_base64),
    WithJsonSchema({"type": "string", "format": "byte", "contentEncoding": "base64"}, mode="validation"),
]
ContentType = Annotated[
    str, Field(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$")
]
Data = Annotated[dict[str, JsonValue], AfterValidator(_data)]
Quantity = Annotated[Decimal, _Amount("0", "9999999.999", 3)]
Price = Annotated[Decimal, _Amount("-9999999.9999", "9999999.9999", 4)]
Money = Annotated[Decimal, _Amount("-999999999.99", "999999999.99", 2)]
Rate = Annotated[Decimal, _Amount("0", "999999.99", 2)]
Hours = Annotated[Decimal, _Amount("0", "99999.99", 2)]
Percent = Annotated[Decimal, _Amount("0", "100", 2)]


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str = Field(description="A sentence for a person.")
    status: int
    code: str = Field(description="A word for programs; it stays the same in every language.")
    request_id: str = Field(description="By this the server's log knows the request.")
    fields: dict[str, str] | None = Field(
        default=None, description="What is wrong with which field, by its path, for example lines.0.quantity."
    )


class Address(Shape):
    """A name and an e-mail address."""

    name: str
    address: str


class CustomerRef(Shape):
    """Which customer."""

    key: str
    name: str


class PersonRef(Shape):
    """Which person: a contact, one of the provider's people, or a program (neither key nor e-mail)."""

    key: str | None
    name: str
    email: str | None


class PageQuery(Shape):
    """How much of a list, and from where."""

    cursor: Annotated[str, Field(max_length=500)] | None = None
    """Where to go on: from the address in the answer's header Link, rel="next"."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """How many at most."""


def without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)
