"""Signing in and out: the browser by an authorization code, Outlook's pane by the token that Outlook gave it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import structlog
from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer

from backend import auth, clock, config, errors
from backend.auth import open_to
from backend.errors import NotAllowed, NotSignedIn, OutsideDown, Refused
from backend.i18n import _
from backend.microsoft import directory, identity
from backend.microsoft.identity import Claims
from backend.people.models import Person, person_by_account
from backend.signin.actions import known_roles, take_roles, welcome

log = structlog.get_logger(__name__)
blueprint = Blueprint("signin", __name__, template_folder="templates")
FLOW_COOKIE = "__Host-deskside-sign-in"
_FLOW_SECONDS = 15 * 60
_START = "/tickets"
_FLOW_PARTS = ("state", "redirect_uri", "scope", "auth_uri", "code_verifier", "nonce", "claims_challenge")


def _local(path: str) -> str:
    """`path` when it is a place of ours, else the first page: nobody is led elsewhere by a link to the sign-in."""
    parts = urlsplit(path)
    odd = any(ord(letter) <= 32 or letter == "\\" or ord(letter) == 127 for letter in path)
    if not path.startswith("/") or path.startswith("//") or parts.scheme or parts.netloc or odd or len(path) > 2000:
        return _START
    return _START if parts.path.startswith(("/sign-in", "/sign-out", "/session")) else path


def _unreachable() -> OutsideDown:
    return OutsideDown(_("Microsoft's sign-in cannot be reached at the moment. Please try again shortly."))


def _flows() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config.current().secret_key, salt="sign-in flow")


@blueprint.app_errorhandler(NotSignedIn)
def to_sign_in(error: NotSignedIn) -> ResponseReturnValue:
    """Leads a person who opened a page to the sign-in and back; programs and fragments are told."""
    page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if not page or request.headers.get("HX-Request") or request.path.startswith(("/api/", "/addin/")):
        return errors.render(error)
    # Microsoft's own sign-in cannot stand in a frame; in Teams the host vouches for the person.
    door = "/tab" if request.headers.get("Sec-Fetch-Dest") == "iframe" else "/sign-in"
    return redirect(f"{door}?{urlencode({'next': request.full_path.rstrip('?')})}")


@blueprint.get("/sign-in")
@open_to("one has to come in somewhere")
def page() -> ResponseReturnValue:
    """The page with the one button; a person who is signed in goes on at once."""
    wanted = _local(request.args.get("next", ""))
    if g.get("who") is not None:
        return redirect(wanted)
    return render_template("signin/page.html", next=wanted, out="out" in request.args)


@blueprint.post("/sign-in")
@open_to("one has to come in somewhere")
def begin() -> ResponseReturnValue:
    """Sends the browser to Microsoft; what must come back is remembered in a signed cookie of this browser."""
    settings = config.current()
    try:
        flow = identity.sign_in_application(settings).initiate_auth_code_flow(
            [f"api://{settings.client_id}/{identity.SCOPE}"],
            redirect_uri=f"{settings.url}/sign-in/callback",
            response_mode="form_post",
        )
    except (requests.RequestException, ValueError) as error:
        raise _unreachable() from error
    address = str(flow["auth_uri"])
    if settings.sandbox_url:
        address = settings.sandbox_url + address.removeprefix(identity.AUTHORITY)
    kept = {part: flow[part] for part in _FLOW_PARTS if part in flow}
    response = make_response(redirect(address, 303))
    cookie = _flows().dumps({"flow": kept, "next": _local(request.form.get("next", ""))})
    # SameSite=None, since Microsoft's page posts the answer from another site.
    response.set_cookie(
        FLOW_COOKIE, cookie, max_age=_FLOW_SECONDS, path="/", secure=True, httponly=True, samesite="None"
    )
    return response


@blueprint.post("/sign-in/callback")
@open_to("Microsoft sends the browser here; it is believed only with the cookie that began it", cross_site=True)
def callback() -> ResponseReturnValue:
    """Takes the code that Microsoft gave, and signs the person in."""
    flow, wanted = _flow()
    if "error" in request.form:
        log.info("sign-in was not finished", error=request.form["error"][:100])
        return _without_flow(redirect("/sign-in", 303))
    try:
        answer = identity.sign_in_application(config.current()).acquire_token_by_auth_code_flow(
            flow, request.form.to_dict()
        )
    except requests.RequestException as error:
        raise _unreachable() from error
    except (ValueError, RuntimeError) as error:
        raise NotSignedIn(_("This sign-in is over. Please begin again.")) from error
    if "access_token" not in answer:
        log.warning("sign-in refused", error=answer.get("error"), codes=answer.get("error_codes"))
        raise NotAllowed(_("Microsoft did not accept this sign-in. Please begin again."))
    outcome = _admit(_claims(str(answer["access_token"])))
    if isinstance(outcome, Refused):
        return _without_flow(errors.render(outcome))
    token = _begin_session(outcome, "browser")
    return _without_flow(auth.set_cookie(make_response(redirect(wanted, 303)), token))


def _flow() -> tuple[dict[str, Any], str]:
    """What this browser began, and where it wanted to go. Raises NotSignedIn when it began nothing."""
    try:
        kept = _flows().loads(request.cookies.get(FLOW_COOKIE, ""), max_age=_FLOW_SECONDS)
    except BadData as error:
        raise NotSignedIn(_("This sign-in is over. Please begin again.")) from error
    return dict(kept["flow"]), _local(str(kept["next"]))


def _without_flow(response: Any) -> Response:
    made = make_response(response)
    made.delete_cookie(FLOW_COOKIE, path="/", secure=True, httponly=True, samesite="None")
    return made


@blueprint.get("/tab")
@open_to("the page is empty; Teams signs in on it and it leads to the desk then")
def tab() -> ResponseReturnValue:
    """The page that Teams shows as a personal tab: it signs in by the host's word and goes on to the desk.

    Whoever is signed in here already goes on at once.
    """
    wanted = _local(request.args.get("next", ""))
    who = g.get("who")
    if who is not None and who.door in auth.FRAMED_DOORS:
        return redirect(wanted)
    settings = config.current()
    scope = f"api://{settings.client_id}/{identity.SCOPE}"
    return render_template("signin/tab.html", settings=settings, scope=scope, next=wanted)


@blueprint.post("/session")
@open_to("the pane and the tab bring Microsoft's token instead of a session", cross_site=True)
def exchange() -> ResponseReturnValue:
    """Exchanges an access token for our API for the session cookie that pages, pictures and streams go by.

    The token takes the place of the CSRF token: no other site can send it. `?door=tab` is a personal tab in Teams.
    """
    auth.check_origin()
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    outcome = _admit(_claims(token.strip() if scheme.lower() == "bearer" else ""))
    if isinstance(outcome, Refused):
        return errors.render(outcome)
    cookie, ends = _framed_session(outcome, "tab" if request.args.get("door") == "tab" else "pane")
    body = {
        "csrf": auth.csrf_token(cookie),
        "name": outcome.name,
        "person_id": outcome.id,
        "language": outcome.language,
        "theme": outcome.theme,
        "expires_at": ends.isoformat(timespec="seconds"),
    }
    return auth.set_cookie(jsonify(body), cookie)


@blueprint.post("/sign-out")
@open_to("whoever is not signed in is out already")
def sign_out() -> ResponseReturnValue:
    """Ends this session for good and shows the sign-in page."""
    _end_present_session()
    return auth.set_cookie(make_response(redirect("/sign-in?out", 303)), "")


def _claims(token: str) -> Claims:
    try:
        return identity.validate(token)
    except identity.TokenRefused as error:
        log.warning("a token was refused", reason=str(error))
        raise NotSignedIn(_("Microsoft's proof of who you are was not accepted. Please sign in again.")) from error


def _admit(claims: Claims) -> Person | Refused:
    """The person who may come in. A refusal is returned, not raised: that roles were taken away has to be kept.

    Roles count from the own tenant only: in another one its own administrators give them out.
    """
    own = claims.tenant_id == config.current().tenant_id
    roles = known_roles(claims.roles) if own else []
    person = person_by_account(claims.tenant_id, claims.object_id)
    if person is None and roles:
        account = directory.account(claims.object_id)
        mail = account.mail if account is not None and not account.guest else ""
        name = account.name if account is not None and account.name else claims.name
        person = welcome(claims.tenant_id, claims.object_id, name=name, directory_mail=mail, roles=roles)
    if person is not None and own:
        take_roles(person, roles)
    if person is None or not person.is_staff or not own:
        return NotAllowed(_("Microsoft knows you, but you have no part in this desk. An administrator can help."))
    if not person.active:
        return NotAllowed(_("Your account here has been switched off. An administrator can help."))
    return person


def _begin_session(person: Person, door: str) -> str:
    """A new session under a new secret; the one this browser had before ends."""
    _end_present_session()
    return auth.begin_session(person.id, door)


def _framed_session(person: Person, door: str) -> tuple[str, datetime]:
    """The cookie of a session in a frame of Microsoft's, and when it ends.

    Outlook's pane and Teams' tab may share one jar of cookies (both are pages of cloud.microsoft): a young session of
    the same person is kept, so that signing in beside a mail does not make the tab's open page out of date.
    """
    who, lasts = g.get("who"), timedelta(hours=config.current().session_hours)
    young = who is not None and who.session_ends is not None and who.session_ends - clock.now() > lasts / 2
    if who is not None and young and who.person_id == person.id and who.door in auth.FRAMED_DOORS:
        return request.cookies[auth.COOKIE], who.session_ends or clock.now()
    return _begin_session(person, door), clock.now() + lasts


def _end_present_session() -> None:
    who = g.get("who")
    if who is not None and who.session_id:
        auth.end_session(who.session_id)
