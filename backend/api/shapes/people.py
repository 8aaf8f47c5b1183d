"""Customers and contacts."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field

from backend.api.sentences import wrong
from backend.api.shapes.values import CustomerRef, Key, Line, LongText, Mail, Name, PageQuery, Shape, Word
from backend.api.shapes.worklog import Day
from backend.i18n import _

Language = Literal["", "de", "en", "es", "fr", "it"]


class SiteIn(Shape):
    """A place of a customer."""

    key: Key
    name: Name
    street: Line = ""
    postcode: Word = ""
    city: Line = ""


class CustomerIn(Shape):
    """A customer. Sites that are not named stay; domains and sites that are left out altogether stay too."""

    name: Name
    phone: Word = ""
    domains: Annotated[list[Word], Field(max_length=100)] | None = None
    """Mail domains whose unknown senders belong to this customer."""
    sites: Annotated[list[SiteIn], Field(max_length=1000)] | None = None


class SiteOut(Shape):
    """A place of a customer."""

    key: str
    name: str
    street: str
    postcode: str
    city: str


class CustomerOut(Shape):
    """A customer."""

    key: str
    name: str
    phone: str
    domains: list[str]
    sites: list[SiteOut]
    created_at: datetime
    updated_at: datetime


class CustomersQuery(PageQuery):
    """Which customers."""

    q: Line | None = None
    """A part of the name."""
    updated_since: AwareDatetime | None = None


def _each_once(value: Any) -> Any:
    """Refuses names that are the same without the space around them: one would swallow the other unseen."""
    seen: set[str] = set()
    for name in map(str.strip, value) if isinstance(value, dict) else ():
        if name in seen:
            raise wrong(_("“%(name)s” is there twice.", name=name[:60]))
        seen.add(name)
    return value


AttributeName = Annotated[Name, Field(max_length=60)]
Attributes = Annotated[dict[AttributeName, LongText], BeforeValidator(_each_once), Field(max_length=50)]


class OptInIn(Shape):
    """Whether somebody wants to hear of news."""

    state: Literal["", "yes", "no"]
    """Empty: unknown."""
    since: Day | None = None
    """Left out: today, where the state is new."""
    how: Line = ""
    """How they have said so."""


class OptInOut(Shape):
    """Whether somebody wants to hear of news."""

    state: str
    since: date | None
    how: str


class ContactIn(Shape):
    """A contact of a customer. Further addresses that are not named stay with the contact."""

    name: Name
    customer: Key
    """The customer's key."""
    site: Key | None = None
    """The key of one of the customer's sites."""
    email: Mail | None = None
    further_emails: Annotated[list[Mail], Field(max_length=50)] = []
    """Other addresses this person writes from."""
    job_title: Line = ""
    phone: Word = ""
    language: Language = ""
    """The language mails to this person are written in; empty: the installation's."""
    salutation: Literal["", "ms", "mr"] | None = None
    """How this person is addressed; empty: by the whole name, left out: as it was."""
    attributes: Attributes | None = None
    """What else is known, by names of your own; exactly these are kept. Left out: as they were."""
    opt_in: OptInIn | None = None
    """Whether this person wants to hear of news. Left out: as it was."""


class ContactOut(Shape):
    """A contact. Whoever was first met by mail has no key until one is given by PUT with that address."""

    key: str | None
    name: str
    customer: CustomerRef
    site: str | None
    email: str | None
    further_emails: list[str]
    job_title: str
    phone: str
    language: str
    salutation: str
    attributes: dict[str, str]
    opt_in: OptInOut
    created_at: datetime
    updated_at: datetime


class ContactsQuery(PageQuery):
    """Which contacts."""

    customer: Key | None = None
    email: Mail | None = None
    q: Line | None = None
    """A part of the name."""
    updated_since: AwareDatetime | None = None
