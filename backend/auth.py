"""Who is behind a request, and who may do what.

One table says what each role may do; each view names the permission it needs, and a view that names none is
answered to nobody. Sessions are rows, so they can be ended; the cookie is the same in a browser, in Outlook's
pane and in a Teams tab (partitioned, since those are frames of another site).
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from sqlalchemy import ARRAY, ForeignKey, Integer, Text, bindparam, column, func, select, table, update
from sqlalchemy.orm import Mapped, mapped_column

from backend import clock, config, limits
from backend.db import Base, session
from backend.errors import Conflict, NotAllowed, NotSignedIn
from backend.i18n import _
from backend.roles import PERMISSIONS, SCOPES, STAFF, SYSTEM, Role, Who

__all__ = ["COOKIE", "PERMISSIONS", "SCOPES", "STAFF", "SYSTEM", "ApiToken", "Role", "SignIn", "Who", "me", "requires"]
COOKIE = "__Host-deskside"
FRAMED_DOORS = frozenset({"pane", "tab"})  # sessions that were begun inside a frame of Microsoft's
_SAFE = ("GET", "HEAD", "OPTIONS")
_TOKENS = 0x746F6B65  # whoever makes a token waits for whoever does so meanwhile
STRANGERS_BODY = 1_000_000  # bytes that may be sent by who is not known: nobody reads more for them
View = TypeVar("View", bound=Callable[..., Any])


class SignIn(Base):
    """One sign-in of one person at one door; the row's id is the SHA-256 of the cookie's secret."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    door: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class ApiToken(Base):
    """A program's access to the REST API; only the SHA-256 of the token is kept."""

    __tablename__ = "api_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


_people = table(
    "people",
    column("id"),
    column("name"),
    column("mail"),
    column("roles", ARRAY(Text)),
    column("customer_id"),
    column("language"),
    column("timezone"),
    column("theme"),
    column("active"),
)
_members = table("team_members", column("team_id", Integer), column("person_id"))
# Asked on every request, so made once.
_SIGNED_IN = (
    select(
        _people,
        SignIn.id.label("session_id"),
        SignIn.door,
        SignIn.expires_at,
        select(func.array_agg(_members.c.team_id))
        .where(_members.c.person_id == _people.c.id)
        .scalar_subquery()
        .label("teams"),
    )
    .join_from(SignIn, _people, SignIn.person_id == _people.c.id)
    .where(
        SignIn.id == bindparam("id"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > bindparam("now"),
        _people.c.active,
    )
)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(person_id: int, door: str) -> str:
    """Signs `person_id` in at `door` (browser, pane, tab) and returns the cookie's value."""
    token, now = secrets.token_urlsafe(32), clock.now()
    hours = timedelta(hours=config.current().session_hours)
    session.add(
        SignIn(id=_hash(token), person_id=person_id, door=door, created_at=now, expires_at=now + hours, ended_at=None)
    )
    return token


def end_session(session_id: str) -> None:
    """Ends the sign-in with that id; its cookie is worth nothing from then on."""
    session.execute(update(SignIn).where(SignIn.id == session_id).values(ended_at=clock.now()))


def set_cookie(response: Response, token: str) -> Response:
    """Gives the browser the session cookie; an empty token takes it away."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=config.current().session_hours * 3600 if token else 0,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return response


def csrf_token(cookie: str | None = None) -> str:
    """The token that each change must carry, bound to the session cookie of this request (or to `cookie`)."""
    secret = cookie if cookie is not None else request.cookies.get(COOKIE, "")
    key = config.current().secret_key.encode()
    return hmac.new(key, b"csrf:" + secret.encode(), hashlib.sha256).hexdigest() if secret else ""


def who_signed_in(token: str) -> Who | None:
    """The person of the session cookie `token`, or None when it is unknown, ended or too old."""
    row = session.execute(_SIGNED_IN, {"id": _hash(token), "now": clock.now()}).one_or_none()
    if row is None:
        return None
    return Who(
        person_id=row.id,
        name=row.name,
        mail=row.mail or "",
        roles=frozenset(Role(role) for role in row.roles),
        customer_id=row.customer_id,
        language=row.language or "",
        timezone=row.timezone or "",
        theme=row.theme or "",
        teams=tuple(row.teams or ()),
        session_id=row.session_id,
        door=row.door,
        session_ends=row.expires_at,
    )


def sessions_that_may(permission: str, ids: Iterable[str]) -> set[str]:
    """Those of the sign-ins `ids` that still stand and whose person still has `permission`."""
    stands = SignIn.id.in_(ids), SignIn.ended_at.is_(None), SignIn.expires_at > clock.now(), _people.c.active
    rows = session.execute(
        select(SignIn.id, _people.c.roles).join(_people, SignIn.person_id == _people.c.id).where(*stands)
    )
    return {one for one, roles in rows if not PERMISSIONS[permission].isdisjoint(roles)}


def create_api_token(name: str, scope: str) -> str:
    """A new API token, shown once. KeyError when `scope` is none of SCOPES.

    What a program has written is its own by its name: raises Conflict while another token has that one.
    """
    assert SCOPES[scope]
    session.execute(select(func.pg_advisory_xact_lock(_TOKENS)))
    if session.scalar(select(ApiToken.id).where(ApiToken.name == name, ApiToken.ended_at.is_(None)).limit(1)):
        raise Conflict(_("There is a token named %(name)s already. Please choose another name.", name=name))
    token = "dsk_" + secrets.token_urlsafe(32)
    session.add(
        ApiToken(name=name, hash=_hash(token), scope=scope, created_at=clock.now(), ended_at=None, last_used_at=None)
    )
    return token


def _who_by_token(header: str) -> Who | None:
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    row = session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.scope).where(
            ApiToken.hash == _hash(token.strip()), ApiToken.ended_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        return None
    g.program = row.id
    stale = clock.now() - timedelta(minutes=5)
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == row.id, func.coalesce(ApiToken.last_used_at, stale) <= stale)
        .values(last_used_at=clock.now())
    )
    return Who(person_id=None, name=row.name, roles=SCOPES[row.scope])


def requires(permission: str) -> Callable[[View], View]:
    """Names the permission of PERMISSIONS that a view needs. KeyError when there is none of that name."""
    assert PERMISSIONS[permission]

    def mark(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]
        return view

    return mark


def open_to(reason: str, *, cross_site: bool = False, door: str = "strangers") -> Callable[[View], View]:
    """Lets everybody call a view, and says why; `cross_site`: also programs that send no Origin (webhooks).

    `door`: where calls are counted (`limits.DOORS`), or `limits.FREE`.
    """

    def mark(view: View) -> View:
        view.needs = None  # type: ignore[attr-defined]
        view.open_because = reason  # type: ignore[attr-defined]
        view.cross_site = cross_site  # type: ignore[attr-defined]
        return limits.counted(door)(view)

    return mark


def signed_in(view: View) -> View:
    """Lets every signed-in person call a view, customers too: it must ask for rights in its query."""
    view.needs = "signed-in"  # type: ignore[attr-defined]
    return view


def me() -> Who:
    """The person behind this request. Raises NotSignedIn when there is none."""
    who: Who | None = g.get("who")
    if who is None:
        raise NotSignedIn(_("Please sign in."))
    return who


def check_origin() -> None:
    """A change must come from our own pages: Origin is set by the browser and cannot be forged by a page.

    Raises NotAllowed.
    """
    own = urlsplit(config.current().url)
    origin = urlsplit(request.headers.get("Origin", ""))
    if (origin.scheme, origin.netloc) != (own.scheme, own.netloc):
        raise NotAllowed(_("This request did not come from Deskside's own pages. Please reload and try again."))


def _check_csrf() -> None:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        raise NotAllowed(_("This page is out of date. Please reload it and try again; nothing was changed."))


def _admit() -> None:
    """Runs before every view: finds out who asks and whether they may; without a named right nobody may."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static":
        return
    needs = getattr(view, "needs", "nobody")
    api = request.path.startswith("/api/")
    if api:
        g.who = _who_by_token(request.headers.get("Authorization", ""))
    else:
        cookie = request.cookies.get(COOKIE, "")
        g.who = who_signed_in(cookie) if cookie else None
    if g.who is None:
        request.max_content_length = STRANGERS_BODY
    limits.at_the_door(view, person=g.who.person_id if g.who else None, program=g.get("program"))
    if not api and request.method not in _SAFE and not getattr(view, "cross_site", False):
        check_origin()
        if g.who is not None:
            _check_csrf()
    if needs is None:
        return
    who = me()
    if needs == "signed-in":
        return
    if needs == "nobody" or not who.may(needs):
        raise NotAllowed(_("You may not do this. If you should, ask an administrator for the right."))


def install(app: Flask) -> None:
    """Makes `app` admit each request through this module."""
    app.before_request(_admit)
    app.jinja_env.globals["csrf_token"] = csrf_token

    @app.context_processor
    def _who_for_templates() -> dict[str, Any]:
        return {"who": g.get("who")}
