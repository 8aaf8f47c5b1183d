"""Customers and contacts."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from backend.api.shapes.values import CustomerRef, Key, Line, Mail, Name, PageQuery, Shape, Word

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
    created_at: datetime
    updated_at: datetime


class ContactsQuery(PageQuery):
    """Which contacts."""

    customer: Key | None = None
    email: Mail | None = None
    q: Line | None = None
    """A part of the name."""
    updated_since: AwareDatetime | None = None
